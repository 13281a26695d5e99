/**
 * Measures, and cleans up after itself. Runs as a process group of its own, so that whatever it has started can be
 * interrupted with it: see `bench.ts`.
 */

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pulumiVersion } from "../demo/pulumi-cli-process";
import { type Server, startServer, temporaryRoot } from "../support/postgres";
import { engines } from "../support/workspace";
import { machine, versions } from "./machine";
import { measure } from "./measure";
import { parseOptions } from "./options";
import { findPlainClient } from "./plain-client";
import { WITHOUT_CHECKPOINTS } from "./programs";
import { table, verdict } from "./report";
import { inWords } from "./steps";
import { measureSubject, SUBJECTS } from "./subjects";

async function work(signal: AbortSignal): Promise<void> {
  const [subject, ...rest] = process.argv.slice(2);
  if (subject !== undefined && subject in SUBJECTS) return inTemporaryFolder(() => measureSubject(subject, rest));
  const options = parseOptions(process.argv.slice(2), engines);
  const plain = findPlainClient();
  const cli = options.engine === "cli";
  const engine = cli ? `Pulumi CLI ${pulumiVersion() || "of unknown version"}` : "test engine"; // some builds tell none
  const how = cli ? `${engine}, checkpoints off (${variables(WITHOUT_CHECKPOINTS)})` : engine;
  console.log(`${inWords(options.count)} roles against as many resources that do nothing, on: ${how}.`);
  const progress = (text: string) => process.stderr.write(`${text}\n`);
  await inTemporaryFolder(async () => {
    let server: Server | undefined;
    try {
      // The log is left out of it: it would be charged to whoever sends more statements.
      server = await startServer({ version: 18, settings: { log_statement: "none" } });
      const measured = await measure({ options, server, plain, signal, progress });
      const { timings, bytes } = measured;
      console.log(`\n${table(options.count, timings, bytes, plain.title)}\n`);
      console.log(`Machine: ${machine()}.`);
      console.log(`Versions: ${versions({ server: measured.server, engine, client: plain.version })}.`);
      console.log(verdict(options.count, options.engine, timings));
    } finally {
      await server?.remove();
    }
  });
}

function variables(of: Record<string, string>): string {
  return Object.entries(of)
    .map((pair) => pair.join("="))
    .join(" ");
}

/** Everything temporary, of Pulumi too, lies in one folder, which goes at the end. */
async function inTemporaryFolder(task: () => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(await temporaryRoot(), "pgmob-bench-"));
  await chmod(folder, 0o755); // the server's user passes through
  process.env.TMPDIR = folder;
  try {
    await task();
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const stop = new AbortController();
const everybody = () => void process.kill(-process.pid, "SIGINT");
process.on("SIGINT", () => stop.abort());
process.on("SIGTERM", everybody).on("SIGHUP", everybody).on("disconnect", everybody);
process.channel?.unref();

work(stop.signal).catch((error: Error) => {
  console.error(stop.signal.aborted ? "Interrupted; everything was cleaned up." : error.message);
});
