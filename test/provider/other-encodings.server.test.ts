/** Databases that are not in UTF8: what can be said in them is read back as it was said, all else is refused by the server. */

import assert from "node:assert/strict";
import { schemaType } from "../../provider/objects/schema";
import { observe } from "../../provider/observe";
import { uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure, type Scene } from "./scene";
import { Engine } from "./through-hooks";

/** A text that an encoding has, and one that it has not. */
const ENCODINGS: [encoding: string, text: string, unfit: string | undefined][] = [
  ["LATIN1", 'é "ÿ" ¤', "漢"],
  ["LATIN9", "€ Š œ", "¤"],
  ["WIN1251", "Привет, ёж", "é"],
  ["EUC_JP", "漢字 かな", "🐘"],
  ["EUC_KR", "한글", "é🐘"],
  ["SQL_ASCII", "é 漢 🐘", undefined],
];

async function make(scene: Scene, encoding: string): Promise<string> {
  const name = uniqueName(`in_${encoding.toLowerCase()}`);
  const cluster = await scene.connect();
  await cluster.databases.create({ name, encoding, template: "template0", lcCollate: "C", lcCtype: "C" });
  return name;
}

for (const [encoding, text, unfit] of ENCODINGS) {
  asEachDeployer(`schemas and sequences of a database in ${encoding}`, async (scene) => {
    const database = await make(scene, encoding);
    const engine = new Engine(await scene.connect());
    const declared = { schema: { name: text, database, comment: `it's ${text}` } };
    const schema = await engine.create("Schema", declared.schema);
    const numbers = { schema: text, name: `no ${text}`, database, comment: text, maxValue: "9" };
    const sequence = await engine.create("Sequence", numbers);
    assert.deepEqual(
      await scene.ask(
        `SELECT nspname, relname, obj_description(n.oid, 'pg_namespace'), obj_description(c.oid, 'pg_class')
           FROM pg_namespace n JOIN pg_class c ON relnamespace = n.oid WHERE n.oid = $1`,
        [schema.outputs.oid],
        database,
      ),
      [[text, `no ${text}`, `it's ${text}`, text]],
    );
    for (const [one, inputs] of [
      [schema, declared.schema],
      [sequence, numbers],
    ] as const) {
      const found = await engine.read(one);
      for (const [name, value] of Object.entries(inputs)) assert.deepEqual(found?.[name], value, name);
    }

    const renamed = await engine.update(sequence, { ...numbers, name: `${text}2`, comment: null });
    assert.equal((await engine.read(renamed))?.name, `${text}2`);
    if (unfit !== undefined) {
      const wrong = [
        engine.create("Schema", { name: unfit, database }),
        engine.update(schema, { ...declared.schema, comment: unfit }),
        engine.update(renamed, { ...numbers, name: unfit }),
      ].map((one) => failure(one, Error));
      for (const { message } of await Promise.all(wrong))
        assert.match(message, /^(schema|sequence) .*: cannot (create|alter): .*has no equivalent in encoding/);
      const cluster = (await scene.connect()).in(database);
      const keys = [unfit, text, "none"].map((name) => ({ path: [name] }));
      const seen = await Promise.all(keys.map((key) => observe(cluster, schemaType, key)));
      assert.deepEqual(
        seen.map((one) => one?.values.name),
        [undefined, text, undefined],
        "reads that arrive together",
      );
      assert.equal((await engine.read(schema))?.comment, declared.schema.comment);
    }
    await engine.delete(renamed);
    await engine.delete(schema);
    assert.deepEqual(await scene.ask("SELECT FROM pg_namespace WHERE oid = $1", [schema.outputs.oid], database), []);
  });

  asEachDeployer(`roles and databases, seen from a database in ${encoding}`, async (scene) => {
    const database = await make(scene, encoding);
    const engine = new Engine(await scene.connect({ database }));
    const name = `${text} ${uniqueName("r")}`;
    const role = { name, comment: text, connectionLimit: 3 };
    const made = await engine.create("Role", role);
    const found = await engine.read(made);
    for (const [attribute, value] of Object.entries(role)) assert.deepEqual(found?.[attribute], value);
    const schema = await engine.create("Schema", { name: "owned", owner: name, database });
    assert.equal((await engine.read(schema))?.owner, name);
    await engine.delete(schema);
    await engine.delete(made);
  });
}
