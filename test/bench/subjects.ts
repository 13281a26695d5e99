/** The benches beside the table of roles: each prints a table for the README. */

import pg from "pg";
import { PgSession } from "../../provider/pg-session";
import { pulumiVersion } from "../demo/pulumi-cli-process";
import { type Server, startServer } from "../support/postgres";
import { type CoreRow, core } from "./core";
import { type Cost, far, SETTINGS } from "./far";
import { levers } from "./levers";
import { machine, versions } from "./machine";
import { KINDS } from "./mixed";
import { parseCounts } from "./options";
import { findPlainClient } from "./plain-client";
import { markdown, median } from "./report";
import { Statements } from "./statements";
import { inWords } from "./steps";
import { memoryOfHost, straight } from "./straight";

interface Subject {
  readonly count: number;
  readonly runs: number;
  /** Measures, and returns lines of Markdown. */
  measure(server: Server, count: number, runs: number): Promise<string[]>;
}

/** Milliseconds that are added to each round trip. */
const ROUND_TRIP = 20;
const FAR_LIMIT = 1.5;
const MEMORY_LIMIT = 200;

/** By the first argument of `npm run bench`. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  core: { count: 1000, runs: 3, measure: measureCore },
  far: { count: 20, runs: 3, measure: measureFar },
  straight: { count: 10_000, runs: 1, measure: measureStraight },
  levers: { count: 1000, runs: 1, measure: levers },
};

/** Runs one of them on a server of its own, and prints its table, the machine and the versions. */
export async function measureSubject(name: string, args: string[]): Promise<void> {
  const subject = SUBJECTS[name];
  if (subject === undefined) throw new Error(`there is no bench ${name}`);
  const { count, runs } = parseCounts(args, subject);
  const settings = { log_statement: "none", max_locks_per_transaction: "512", ...SETTINGS };
  const server = await startServer({ version: 18, settings });
  try {
    const lines = await subject.measure(server, count, runs);
    const client = findPlainClient().version;
    console.log(["", ...lines, "", `Machine: ${machine()}.`].join("\n"));
    const engine = name === "levers" ? { engine: `Pulumi CLI ${pulumiVersion() || "of unknown version"}` } : {};
    console.log(`Versions: ${versions({ server: await versionOf(server), client, ...engine })}.`);
  } finally {
    await server.remove();
  }
}

async function versionOf(server: Server): Promise<string> {
  const client = new pg.Client({ connectionString: server.url(), ssl: false });
  await client.connect();
  try {
    return (await client.query<{ server_version: string }>("SHOW server_version")).rows[0]!.server_version;
  } finally {
    await client.end();
  }
}

async function measureCore(server: Server, count: number, runs: number): Promise<string[]> {
  const admin = new pg.Client({ connectionString: server.url(), ssl: false });
  await admin.connect();
  try {
    const statements = await Statements.on(new PgSession(admin, "postgres"), count);
    const plain = findPlainClient();
    const measured: CoreRow[][] = [];
    for (let run = 0; run < runs; run++) measured.push(await core(server, count, statements, plain));
    const titles = { create: "create", alter: "alter half", read: "read all", drop: "drop" };
    const rows = (measured[0] ?? []).map(({ step }, index) => {
      const of = (column: "together" | "inTurn" | "plain") =>
        seconds(median(measured.map((run) => run[index]![column])));
      return [titles[step], of("together"), of("inTurn"), of("plain")];
    });
    return [
      `${inWords(count)} roles with passwords in the core, medians of ${runs}:`,
      "",
      markdown(["step", "all at once", "one after another", plain.title], rows),
    ];
  } finally {
    await admin.end();
  }
}

async function measureFar(server: Server, each: number, runs: number): Promise<string[]> {
  const measured: Cost[][] = [];
  for (let run = 0; run < runs; run++) measured.push(await far(server, each, ROUND_TRIP));
  const rows = (measured[0] ?? []).map(({ operation }, index) => {
    const of = (column: "seconds" | "connections" | "roundTrips" | "depth") =>
      median(measured.map((run) => run[index]![column]));
    const counts = [of("connections"), of("roundTrips"), of("depth")].map((count) => String(Math.round(count)));
    return [operation, seconds(of("seconds")), ...counts];
  });
  const refresh = median(measured.map((run) => run.find(({ operation }) => operation === "refresh")!.seconds));
  return [
    `${each * KINDS.length} objects (${each} each of ${KINDS.join(", ")}), ${ROUND_TRIP} ms per round trip, medians of ${runs}:`,
    "",
    markdown(["operation", "time", "connections", "round trips", "of them one after another"], rows),
    "",
    `Limits: refresh under ${FAR_LIMIT} s: ${refresh < FAR_LIMIT ? "holds" : "DOES NOT HOLD"}.`,
  ];
}

async function measureStraight(server: Server, most: number): Promise<string[]> {
  const counts = [most / 100, most / 10, most];
  const rows = [];
  for (const count of counts) {
    for (const { kind, create, read, drop } of await straight(server, count))
      rows.push([kind, inWords(count), ...[create, read, drop].map((one) => one.toFixed(3))]);
  }
  const memory = await memoryOfHost(server, most);
  return [
    "Milliseconds of this process's processor time per object in the core:",
    "",
    markdown(["objects", "how many", "create", "read", "drop"], rows),
    "",
    `The host has ${memory.toFixed(0)} MiB of memory (RSS) after refreshing ${inWords(most)} roles.`,
    `Limits: under ${MEMORY_LIMIT} MiB: ${memory < MEMORY_LIMIT ? "holds" : "DOES NOT HOLD"}.`,
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
