/** The core alone, without Pulumi: as many password roles as wanted, against psql with the same statements. */

import { Cluster } from "../../provider";
import { inTurn } from "../support/in-turn";
import type { Server } from "../support/postgres";
import { secondsOf } from "./clock";
import type { PlainClient } from "./plain-client";
import { declaredRoles, isRotated } from "./roles";
import type { Statements } from "./statements";
import type { Script } from "./steps";

/** Seconds of one step. */
export interface CoreRow {
  readonly step: Script;
  /** All at once (`Promise.all`). */
  readonly together: number;
  /** Each after the one before. */
  readonly inTurn: number;
  readonly plain: number;
}

type Way = <T>(items: readonly T[], task: (item: T) => Promise<unknown>) => Promise<unknown>;

const together: Way = (items, task) => Promise.all(items.map(task));

/** Measures once: create all, alter half of the passwords, read all, drop all. */
export async function core(
  server: Server,
  count: number,
  statements: Statements,
  plain: PlainClient,
): Promise<CoreRow[]> {
  const { port, superuser: user, password } = server;
  const ours: Record<Script, number>[] = [];
  for (const way of [together, inTurn]) {
    const cluster = await Cluster.connect({ host: "127.0.0.1", port, user, password, database: "postgres" });
    try {
      ours.push(await life(cluster, count, way));
    } finally {
      await cluster.close();
    }
  }
  const rows: CoreRow[] = [];
  for (const step of ["create", "alter", "read", "drop"] as const) {
    const seconds = await plain.run(server, await statements.of(step));
    rows.push({ step, together: ours[0]?.[step] ?? 0, inTurn: ours[1]?.[step] ?? 0, plain: seconds });
  }
  return rows;
}

async function life(cluster: Cluster, count: number, way: Way): Promise<Record<Script, number>> {
  const declared = declaredRoles("role", count, false).map((role) => ({ ...role, login: true }));
  const rotated = declaredRoles("role", count, true).filter((_, index) => isRotated(index));
  const create = await secondsOf(() => way(declared, (role) => cluster.roles.create(role)));
  const alter = await secondsOf(() =>
    way(rotated, async ({ name, password }) => (await cluster.roles.get(name)).alter({ password })),
  );
  const found = new Map<string, { drop(): Promise<void> }>();
  const read = await secondsOf(async () => {
    for await (const role of cluster.roles) found.set(role.name, role);
  });
  const drop = await secondsOf(() => way(declared, ({ name }) => found.get(name)!.drop()));
  return { create, alter, read, drop };
}
