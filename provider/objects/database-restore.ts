/** A new database that is filled from a backup: it is there with all of it, or not at all. */

import { takeBackup } from "../backup/restore";
import type { Cluster } from "../cluster";
import type { Statement, Values } from "../definition";
import { withContext } from "../errors";
import type { Deadline } from "../limits";
import { run, takingBack } from "../runner";
import { comment, quoted, sql } from "../sql";
import { targetOf } from "./common";
import { restoreFromOf } from "./database-backup";

/** The statement that creates a database and fills it, where a backup is declared; else the one that creates it. */
export function createFilled(create: Statement, desired: Values): Statement {
  const declared = restoreFromOf(desired);
  if (declared === undefined) return create;
  const name = String(desired.name);
  return {
    sql: sql`${comment("with what is in its backup:")}\n${create.sql};`,
    alone: true,
    perform: (cluster, deadline) => fill(cluster, name, create, declared, deadline),
  };
}

async function fill(
  cluster: Cluster,
  name: string,
  create: Statement,
  { source, options }: NonNullable<ReturnType<typeof restoreFromOf>>,
  deadline: Deadline | undefined,
): Promise<void> {
  const object = `database ${quoted(name)}`;
  const purpose = { object, intent: "create", deadline };
  let created = false;
  const ready = async () => {
    await run(cluster, [create], purpose);
    created = true;
  };
  try {
    await takeBackup(cluster.in(name), source, options, { deadline, ready, through: cluster });
  } catch (error) {
    const failure = withContext(error, { object, intent: "restore its backup" });
    if (!created) throw failure;
    // It was made a moment ago: whatever is in it is in the backup as well.
    const drop = { sql: sql`DROP ${targetOf("DATABASE", name)} WITH (FORCE)`, alone: true as const, without: name };
    const left = await takingBack(cluster, [drop], purpose, failure);
    throw left === failure ? failure.adding("The database was dropped again") : left;
  }
}
