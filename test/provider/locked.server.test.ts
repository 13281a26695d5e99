/** What waits too long for a lock says so, whatever it is. */

import assert from "node:assert/strict";
import { runStep } from "../../provider/command/run";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { Deployed } from "./deployed";
import { asEachDeployer, failure } from "./scene";

asEachDeployer("a command and an ownership that meet a lock of another session", async (scene) => {
  const { name: database } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = await scene.connect({ lockTimeout: 100 });
  const [owner, heir] = [uniqueName("owner"), uniqueName("heir")];
  for (const name of [owner, heir]) await cluster.roles.create({ name });
  const holder = await scene.client(database);
  await holder.query(
    `GRANT CREATE ON SCHEMA public TO ${owner}, ${heir}; CREATE TABLE t (); GRANT DELETE ON t TO PUBLIC; ALTER TABLE t OWNER TO ${owner}`,
  );
  await holder.query("BEGIN; LOCK TABLE t");
  const purpose = { object: 'command "seed"', intent: "create", secret: false };
  const waiting: Record<string, () => Promise<unknown>> = {
    'command "seed": cannot create': () => runStep(cluster.in(database), { sql: "LOCK TABLE t" }, purpose),
    'table "public"."t".*: cannot hand over': () =>
      new Deployed(cluster, "Ownership").up({ owner: heir, objects: [{ kind: "table", name: "t" }], database }),
  };
  for (const [what, wait] of Object.entries(waiting)) {
    const { message } = await failure(wait(), Error);
    assert.match(
      message,
      new RegExp(`^${what}: canceling statement due to lock timeout\\. Another session holds a lock`),
    );
  }
  await holder.query("ROLLBACK; DROP TABLE t");
});
