import assert from "node:assert/strict";
import { InvalidValueError, PostgresError } from "../../provider";
import { create } from "../../provider/reconcile";
import { uniqueName } from "../support/postgres-fixture";
import type { SampleNames } from "./attribute-samples";
import { type Case, cases, declarationOf, isKnown } from "./cases";
import { asEachDeployer, failure } from "./scene";

asEachDeployer("an attribute that the server, or the role, is not up to is refused by name", async (scene) => {
  const cluster = await scene.connect();
  const unique = uniqueName("older");
  const names: SampleNames = {
    roles: [`${unique}_a`, `${unique}_b`, `${unique}_c`],
    database: "postgres",
    tablespace: `${unique}_t`,
  };
  const admin = await scene.client();
  await admin.query("SET allow_in_place_tablespaces = on");
  await admin.query(`CREATE TABLESPACE ${names.tablespace} LOCATION ''`);
  const all = cases(names, unique);
  const needed = ({ field, sample }: Case) => {
    const takes = (value: typeof sample.good) => field.since?.some((since) => since.only?.(value) ?? true) === true;
    return takes(sample.other) && !takes(sample.good) ? sample.other : sample.good;
  };
  const tooNew = all.filter((one) => !isKnown(one, scene.server.version));
  const forbidden = all.filter(({ sample, type }) => sample.superuser && !type.found && !scene.deployer.superuser);
  assert.equal(tooNew.length > 0, scene.server.version < 17);
  assert.equal(forbidden.length > 0, !scene.deployer.superuser);
  for (const one of tooNew) {
    const desired = declarationOf(one, names, needed(one));
    const error = await failure(create(cluster, one.type, desired), InvalidValueError);
    const [, since, runs] =
      /"[^"]*": cannot create: .* needs PostgreSQL (\d+) or newer; the server runs (\d+)\./.exec(error.message) ?? [];
    assert.equal(Number(runs), scene.server.version, error.message);
    assert.ok(Number(since) > scene.server.version, error.message);
    assert.equal(error.sqlstate, undefined, "nothing was sent");
  }
  for (const one of forbidden) {
    const error = await failure(create(cluster, one.type, declarationOf(one, names, one.sample.good)), PostgresError);
    assert.equal(error.sqlstate, "42501", error.message);
    assert.match(error.message, /cannot create: (permission denied|must be superuser)/);
  }
  const made = "SELECT 1 FROM pg_roles WHERE rolname ~ $1 UNION ALL SELECT 1 FROM pg_database WHERE datname ~ $1";
  assert.deepEqual(await scene.ask(made, [`^${unique}`]), []);
  await admin.query(`DROP TABLESPACE ${names.tablespace}`);
});
