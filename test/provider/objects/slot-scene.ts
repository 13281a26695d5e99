/** Replication slots in tests: a published table, consumers, and a deployer that may use slots. */

import { Consumer, type ConsumerOptions } from "../../support/consumer";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, type Scene } from "../scene";

/** The core, and a database with a table that is published. */
export async function publishing(scene: Scene) {
  const { name: database } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = await scene.connect();
  await scene.ask("CREATE TABLE t (a int)", [], database);
  await scene.ask("CREATE PUBLICATION p FOR TABLE t", [], database);
  const insert = (from: number, to: number) =>
    scene.ask("INSERT INTO t SELECT generate_series($1::int, $2)", [from, to], database);
  return { cluster, here: cluster.in(database), database, slot: uniqueName("slot"), insert };
}

/** The row of a slot in the catalogue, by plain pg. */
export async function slotRow(scene: Scene, name: string): Promise<unknown[] | undefined> {
  const columns = "slot_type, plugin::text, database::text, two_phase, active";
  return (await scene.ask(`SELECT ${columns} FROM pg_replication_slots WHERE slot_name = $1`, [name]))[0];
}

/** Runs a body once a consumer of a slot reads, or has tried to in vain. The consumer is stopped afterwards. */
export async function consuming(
  scene: Scene,
  { database, slot, ...rest }: Partial<ConsumerOptions> & { database: string; slot: string },
  body: (consumer: Consumer) => Promise<void>,
): Promise<void> {
  const { host, port, superuser: user, password } = scene.server;
  const consumer = new Consumer({
    ...{ host, port, user, password, database, slot, publication: "p", applicationName: "feed" },
    ...rest,
  });
  try {
    await consumer.until(() => consumer.streams > 0 || /is active/.test(consumer.ended));
    await body(consumer);
  } finally {
    await consumer.stop();
  }
}

/** A test as each deployer, the lesser of which has just the REPLICATION attribute on top. */
export function asEachReplicator(title: string, body: (scene: Scene) => Promise<void>): void {
  asEachDeployer(title, async (scene) => {
    const { name, superuser } = scene.deployer;
    if (superuser) return body(scene);
    await scene.ask(`ALTER ROLE ${name} REPLICATION`);
    try {
      await body(scene);
    } finally {
      await scene.ask(`ALTER ROLE ${name} NOREPLICATION`);
    }
  });
}
