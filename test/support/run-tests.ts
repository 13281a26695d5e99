import { spawnSync } from "node:child_process";
import { setMaxListeners } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { missingClients } from "./clients";
import { inventory, leaks } from "./leaks";
import { type Server, startServer, temporaryRoot } from "./postgres";
import { addressOf, serversVariable, testServer } from "./postgres-servers";
import { type TestFile, testFiles } from "./run-tests-files";
import { versions } from "./versions";

/** Two test files at a time; one that hangs fails after three quarters of an hour (two engines, a slow machine). */
const limits = { concurrency: 2, timeout: 45 * 60_000 };

/** Runs the files with Node's own test runner and reporter. Returns what is wrong beyond the failures it has shown. */
async function runFiles(files: TestFile[], signal: AbortSignal): Promise<string[]> {
  const seen = { passed: 0, failed: 0 };
  const problems: string[] = [];
  const stream = run({ ...limits, files: files.map(({ compiled }) => compiled), signal });
  stream.on("test:pass", ({ name, skip, todo }) => {
    // Node counts a file without tests as a test that passes.
    if (files.some(({ compiled }) => compiled === name)) problems.push(`has no test: ${name}`);
    else if (skip !== undefined && skip !== false) problems.push(`skipped, which no test may be: ${name}`);
    else if (todo === undefined || todo === false) seen.passed += 1;
  });
  stream.on("test:fail", () => {
    seen.failed += 1;
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(text as string);
  if (seen.passed + seen.failed === 0) problems.push("no test has run");
  if (seen.failed > 0) problems.push("tests have failed");
  return problems;
}

/** Every thing on the servers that a test could leave there, each line led by the server's version. */
async function everything(servers: Server[], suspect?: (line: string) => boolean): Promise<string[]> {
  const lines = servers.map(async (server) => {
    const admin = await testServer(addressOf(server)).admin();
    try {
      const known = (line: string) => `PostgreSQL ${server.version}: ${line}`;
      const found = suspect ? await leaks(admin, (line) => suspect(known(line))) : await inventory(admin);
      return found.map(known);
    } finally {
      await admin.end();
    }
  });
  return (await Promise.all(lines)).flat();
}

/** Runs the files against one server of each version, with a temporary folder that must be left as empty as it was. */
async function runWithServers(files: TestFile[], signal: AbortSignal): Promise<string[]> {
  const folder = await mkdtemp(join(await temporaryRoot(), "pgmob-tests-"));
  await chmod(folder, 0o1777); // as /tmp: servers that tests start have it as theirs
  const started = await Promise.allSettled(versions.map((version) => startServer({ version })));
  const servers = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  try {
    for (const result of started) if (result.status === "rejected") throw result.reason;
    const before = new Set(await everything(servers));
    process.env[serversVariable] = JSON.stringify(servers.map(addressOf));
    process.env.TMPDIR = folder;
    const problems = await runFiles(files, signal);
    const left = await everything(servers, (line) => !before.has(line));
    const folders = (await readdir(folder)).filter((name) => name.startsWith("pgmob-"));
    return [...problems, ...left.map((line) => `left on ${line}`), ...folders.map((name) => `left in TMPDIR: ${name}`)];
  } finally {
    await Promise.all(servers.map((server) => server.remove()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `test engine`, and the Pulumi CLI with its version when it is on the PATH: whole programs are tested on each. */
function engines(): string {
  const cli = spawnSync("pulumi", ["version"], { encoding: "utf8" });
  return cli.status === 0 ? `test engine, Pulumi CLI ${cli.stdout}`.trim() : "test engine";
}

async function main(filters: string[]): Promise<number> {
  const files = await testFiles(filters);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every test file listens
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const problems = await runWithServers(files, stop.signal);
  if (stop.signal.aborted) problems.push("interrupted");
  for (const problem of problems) console.error(problem);
  for (const line of missingClients()) console.log(line);
  console.log(`end-to-end tests ran on: ${engines()}`);
  return problems.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
