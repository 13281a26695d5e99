import { spawn } from "node:child_process";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { axes, type Cell, environmentOf, packagesOf } from "./cells";

const ROOT = resolve(__dirname, "../../..");

/** What of the checkout is no part of a copy. */
const LEFT_OUT = [".git", ".pgmob"];

/** How long a cell took, and whether its tests passed. */
export interface Outcome {
  readonly cell: Cell;
  readonly passed: boolean;
  /** The last lines of the test runner: its numbers. */
  readonly numbers: string;
  readonly seconds: number;
}

/** Copies the checkout with what is built of it, adds the packages, and runs the tests there. */
export async function runCell(cell: Cell, tests: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const folder = join(ROOT, ".pgmob", "matrix", axes.map((axis) => cell[axis] ?? "own").join("-"));
  await copyCheckout(folder);
  try {
    const packages = packagesOf(cell);
    if (packages.length > 0) {
      const quietly = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
      const { code, output } = await run("npm", ["install", ...quietly, ...packages], folder, {}, signal);
      if (code !== 0) {
        console.error(output);
        return { cell, passed: false, numbers: "npm install failed", seconds: seconds() };
      }
    }
    const path = [join(folder, "node_modules", "node-of-the-cell", "bin"), process.env.PATH].join(delimiter);
    const runner = ["dist/test/support/run-tests.js", ...tests];
    const { code, output } = await run("node", runner, folder, { ...environmentOf(cell), PATH: path }, signal, true);
    const count = (word: string) => new RegExp(`^ℹ ${word} (\\d+)`, "m").exec(output)?.[1] ?? "?";
    const numbers = `${count("pass")} passed, ${count("fail")} failed`;
    return { cell, passed: code === 0, numbers, seconds: seconds() };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function copyCheckout(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const names = (await readdir(ROOT)).filter((name) => !LEFT_OUT.includes(name));
  const copy = (name: string) => cp(join(ROOT, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
  await Promise.all(names.map(copy));
  const clients = (await readdir(join(ROOT, ".pgmob"))).filter((name) => ["clients", "pgbouncer"].includes(name));
  for (const name of clients) await copy(join(".pgmob", name));
}

/** Runs a program to its end. Its output is given back and, where asked for, shown as it comes. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  shown = false,
): Promise<{ code: number; output: string }> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer) => {
      output += chunk;
      if (shown) process.stdout.write(chunk);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    // The test runner stops its servers first, and so it is asked to end, not killed.
    signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    child.once("error", failed);
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}
