/** Plans for objects that were observed before something that they name was renamed, as by a change that runs beside. */

import assert from "node:assert/strict";
import { objectTypes } from "../../provider/objects";
import { observe } from "../../provider/observe";
import { alter, drop } from "../../provider/reconcile";
import { uniqueName } from "../support/postgres-fixture";
import { asEachDeployer } from "./scene";

const role = objectTypes.get("Role")!;
const sequence = objectTypes.get("Sequence")!;

asEachDeployer("a membership is revoked although the group was renamed meanwhile", async (scene) => {
  const cluster = await scene.connect();
  const [group, member] = [uniqueName("group"), uniqueName("member")];
  const made = await cluster.roles.create({ name: group });
  await cluster.roles.create({ name: member, memberOf: [group] });
  const observed = await observe(cluster, role, { path: [member] });
  assert.ok(observed);
  await made.alter({ name: `${group}_2` });
  await alter(cluster, role, observed, { memberOf: [] }, {});
  assert.deepEqual((await cluster.roles.get(member)).memberOf, []);
  await assert.rejects(alter(cluster, role, observed, { memberOf: [group] }, {}), /does not exist/);
});

asEachDeployer("an object is dropped although its owner was renamed meanwhile", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("owner");
  const owner = await cluster.roles.create({ name });
  const database = await cluster.databases.create({ name, owner: name });
  const home = cluster.in(name);
  await home.schemas.create({ name: "s", owner: name });
  await home.sequences.create({ schema: "s", name: "q", owner: name });
  const observed = await observe(home, sequence, { path: ["s", "q"] });
  assert.ok(observed);
  await owner.alter({ name: `${name}_2` });
  await drop(home, sequence, observed, {});
  assert.equal(await home.sequences.has("s.q"), false);
  await database.drop();
});

asEachDeployer("a database whose DROP was interrupted can still be dropped", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("invalid");
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const database = await cluster.databases.create({ name, owner });
  await scene.ask("UPDATE pg_database SET datconnlimit = -2 WHERE datname = $1", [name]);
  await database.drop();
  assert.equal(await cluster.databases.has(name), false);
});
