/** Many objects at once that meet on one row of a catalogue, from one stack and from two at the same time. */

import assert from "node:assert/strict";
import type { Values } from "../../provider/definition";
import { asEachDeployer, type Scene } from "../provider/scene";
import { Engine, type Resource } from "../provider/through-hooks";
import { uniqueName } from "../support/postgres-fixture";

const MANY = 40;

/** As many stacks at work on one server, each with connections of its own. */
async function stacks(scene: Scene, count: number): Promise<Engine[]> {
  return Promise.all(Array.from({ length: count }, async () => new Engine(await scene.connect())));
}

/** Everything at once, spread over the stacks in turn. */
function atOnce<T>(engines: readonly Engine[], task: (engine: Engine, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(
    Array.from({ length: MANY }, (_, index) => task(engines[index % engines.length] as Engine, index)),
  );
}

/** Creates that many objects at once, and deletes them at once. */
async function upAndDestroy(
  engines: readonly Engine[],
  type: string,
  inputs: (index: number) => Values,
  whenThere: (made: readonly Resource[]) => Promise<void>,
): Promise<void> {
  const made = await atOnce(engines, (engine, index) => engine.create(type, inputs(index)));
  await whenThere(made);
  await atOnce(engines, (engine, index) => engine.delete(made[index] as Resource));
}

for (const count of [1, 2]) {
  const from = count === 1 ? "one stack" : "two stacks at once";

  asEachDeployer(`${MANY} members of one role, from ${from}`, async (scene) => {
    const engines = await stacks(scene, count);
    const name = uniqueName("group");
    const group = await engines[0]!.create("Role", { name });
    const members = () =>
      scene.ask("SELECT count(*)::int FROM pg_auth_members WHERE roleid::regrole::text = $1", [name]);
    const [before] = await members();
    const member = (index: number) => ({ name: `${name}_${index}`, memberOf: [name], password: `s3cret ${index}` });
    await upAndDestroy(engines, "Role", member, async (made) => {
      assert.equal(Number((await members())[0]?.[0]), Number(before?.[0]) + MANY);
      const changed = await atOnce(engines, (engine, index) =>
        engine.update(made[index]!, { ...member(index), memberOf: [], comment: "alone" }),
      );
      assert.deepEqual(await members(), [before]);
      await atOnce(engines, (engine, index) => engine.update(changed[index]!, member(index)));
    });
    await engines[0]!.delete(group);
  });

  asEachDeployer(`${MANY} roles that one role is a member of, from ${from}`, async (scene) => {
    const engines = await stacks(scene, count);
    const name = uniqueName("member");
    const groups = await atOnce(engines, (engine, index) => engine.create("Role", { name: `${name}_${index}` }));
    const all = groups.map(({ outputs }) => String(outputs.name));
    const member = await engines[0]!.create("Role", { name, memberOf: all });
    await atOnce(engines, (engine, index) => engine.delete(groups[index]!));
    assert.deepEqual((await engines[0]!.read(member))?.memberOf, []);
    await engines[0]!.delete(member);
  });

  asEachDeployer(`${MANY} changes of one role's settings, from ${from}`, async (scene) => {
    const engines = await stacks(scene, count);
    const name = uniqueName("settings");
    const role = await engines[0]!.create("Role", { name, config: { work_mem: "1MB" } });
    await atOnce(engines, (engine, index) =>
      engine.update(role, { name, config: { work_mem: `${index + 1}MB` }, connectionLimit: index }),
    );
    const { config, connectionLimit } = (await engines[0]!.read({
      ...role,
      outputs: { ...role.outputs, connectionLimit: 0 },
    })) as { config: { work_mem: string }; connectionLimit: number };
    assert.match(config.work_mem, /^\d+MB$/);
    assert.ok(connectionLimit >= 0 && connectionLimit < MANY);
    await engines[0]!.delete(role);
  });

  asEachDeployer(`${MANY} sequences of one schema and ${MANY} schemas of one database, from ${from}`, async (scene) => {
    const engines = await stacks(scene, count);
    const database = uniqueName("crowd");
    const owner = await engines[0]!.create("Role", { name: `${database}_owner` });
    const ownerName = `${database}_owner`;
    const home = await engines[0]!.create("Database", { name: database, owner: ownerName });
    const schema = await engines[0]!.create("Schema", { database, name: "s", owner: ownerName });
    const sequence = (index: number) => ({
      database,
      schema: "s",
      name: `q_${index}`,
      owner: ownerName,
      start: index + 1,
    });
    await upAndDestroy(engines, "Sequence", sequence, async () => {
      const found = await scene.ask(
        "SELECT count(*)::int FROM pg_sequences WHERE sequenceowner = $1",
        [ownerName],
        database,
      );
      assert.deepEqual(found, [[MANY]]);
    });
    const another = (index: number) => ({ database, name: `s_${index}`, owner: ownerName, comment: `${index}` });
    await upAndDestroy(engines, "Schema", another, async () => undefined);
    for (const resource of [schema, home, owner]) await engines[0]!.delete(resource);
  });
}

asEachDeployer("20 databases at once, with something in each, from two stacks", async (scene) => {
  const engines = await stacks(scene, 2);
  const name = uniqueName("many");
  const owner = await engines[0]!.create("Role", { name });
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const engine = engines[index % 2] as Engine;
      const database = `${name}_${index}`;
      const made = [
        await engine.create("Database", { name: database, owner: name, comment: "one of many" }),
        await engine.create("Schema", { database, name: "s", owner: name }),
        await engine.create("Sequence", { database, schema: "s", name: "q" }),
      ];
      for (const resource of made.reverse()) await engine.delete(resource);
    }),
  );
  await engines[0]!.delete(owner);
  assert.deepEqual(await scene.ask("SELECT 1 FROM pg_database WHERE starts_with(datname, $1)", [name]), []);
});

asEachDeployer("two stacks at once that share a role, a database and a schema as data", async (scene) => {
  const [platform, one, other] = (await stacks(scene, 3)) as [Engine, Engine, Engine];
  const database = uniqueName("shared");
  const group = `${database}_group`;
  const shared = [
    await platform.create("Role", { name: group }),
    await platform.create("Database", { name: database, owner: group }),
    await platform.create("Schema", { database, name: "s", owner: group }),
  ];
  const work = async (engine: Engine, app: string) => {
    for (let time = 0; time < 3; time++) {
      const role = await engine.create("Role", { name: app, login: true, password: "s3cret", memberOf: [group] });
      const made = await Promise.all(
        Array.from({ length: 5 }, (_, index) =>
          engine.create("Sequence", { database, schema: "s", name: `${app}_${index}`, owner: group }),
        ),
      );
      const changed = await engine.update(role, {
        name: app,
        memberOf: [group],
        configInDatabase: { [database]: { work_mem: "2MB" } },
      });
      await Promise.all(made.map((resource) => engine.delete(resource)));
      await engine.delete(changed);
    }
  };
  await Promise.all([work(one, `${database}_one`), work(other, `${database}_other`)]);
  for (const resource of shared.reverse()) await platform.delete(resource);
});
