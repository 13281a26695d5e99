/** Whether what an object costs depends on how many there are, and what the host keeps in memory. */

import { readFileSync } from "node:fs";
import { Cluster } from "../../provider";
import { sideBySide } from "../../provider/side-by-side";
import { Host, type Properties } from "../host/host";
import type { Server } from "../support/postgres";

/** Milliseconds of this process's processor time per object. */
export interface StraightRow {
  readonly kind: "roles" | "sequences" | "memberships";
  readonly count: number;
  readonly create: number;
  readonly read: number;
  readonly drop: number;
}

/** Creates, reads and drops `count` objects of each kind in the core. */
export async function straight(server: Server, count: number): Promise<StraightRow[]> {
  const { port, superuser: user, password } = server;
  const cluster = await Cluster.connect({ host: "127.0.0.1", port, user, password, database: "postgres" });
  const names = Array.from({ length: count }, (_, index) => `straight_${index}`);
  try {
    await cluster.roles.create({ name: "straight_group" });
    const schema = "public";
    const rows = [
      await life("roles", names, (name) => cluster.roles.create({ name }), cluster.roles),
      await life("sequences", names, (name) => cluster.sequences.create({ schema, name }), cluster.sequences),
      await life("memberships", names, (name) => cluster.roles.create({ name, memberOf: [GROUP] }), cluster.roles),
    ];
    await (await cluster.roles.get(GROUP)).drop();
    return rows;
  } finally {
    await cluster.close();
  }
}

const GROUP = "straight_group";

interface Droppable {
  readonly name: string;
  drop(): Promise<void>;
}

async function life(
  kind: StraightRow["kind"],
  names: readonly string[],
  make: (name: string) => Promise<unknown>,
  all: AsyncIterable<Droppable>,
): Promise<StraightRow> {
  const found: Droppable[] = [];
  const each = async (task: () => Promise<unknown>) => (await processorTime(task)) / names.length;
  const create = await each(() => Promise.all(names.map(make)));
  const read = await each(async () => {
    for await (const one of all) if (one.name.startsWith("straight_") && one.name !== GROUP) found.push(one);
  });
  if (found.length !== names.length) throw new Error(`${found.length} ${kind} of ${names.length} are there`);
  const drop = await each(() => Promise.all(found.map((one) => one.drop())));
  return { kind, count: names.length, create, read, drop };
}

async function processorTime(task: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How many requests an engine sends at one time: four times the processors by default, of a large machine. */
const PARALLEL = 128;

/** The memory (RSS), in MiB, that the host has after refreshing so many roles. */
export async function memoryOfHost(server: Server, count: number): Promise<number> {
  const { port, superuser: user, password } = server;
  const settings = { host: "127.0.0.1", port, user, password };
  const cluster = await Cluster.connect(settings);
  const name = (index: number) => `memory_${index}`;
  const loop = (statement: string) =>
    `DO $$BEGIN FOR i IN 0..${count - 1} LOOP EXECUTE format('${statement}', 'memory_' || i); END LOOP; END$$`;
  try {
    await cluster.execute(loop("CREATE ROLE %I LOGIN"));
    const rows = await cluster.execute(
      "SELECT rolname::text, oid::int FROM pg_roles WHERE starts_with(rolname, 'memory_')",
    );
    const oids = new Map(rows.map(([role, oid]) => [role, oid]));
    const [identifier] = await cluster.execute("SELECT system_identifier::text FROM pg_catalog.pg_control_system()");
    const systemIdentifier = identifier?.[0];
    const host = await Host.start(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [`pgmob:${key}`, String(value)])),
    );
    try {
      const state = (index: number): Properties => {
        return { name: name(index), login: true, oid: oids.get(name(index)), systemIdentifier };
      };
      const read = async (index: number) => {
        const { outputs } = await host.read("Role", name(index), state(index));
        if (outputs.login !== true) throw new Error(`${name(index)} is not there`);
      };
      await sideBySide(PARALLEL, [...Array(count).keys()], read);
      const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${host.pid}/status`, "utf8")) ?? [];
      return Number(kibibytes) / 1024;
    } finally {
      await host.stop();
    }
  } finally {
    await cluster.execute(loop("DROP ROLE %I")).finally(() => cluster.close());
  }
}
