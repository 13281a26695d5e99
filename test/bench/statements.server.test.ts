import assert from "node:assert/strict";
import { PgSession } from "../../provider/pg-session";
import { onEachServer } from "../provider/scene";
import { declaredRoles } from "./roles";
import { Statements, withValues } from "./statements";

onEachServer("the plain client's statements create, update, read and drop the roles", async (scene) => {
  const client = await scene.client();
  const statements = await Statements.on(new PgSession(client, "postgres"), 4);
  const names = declaredRoles("psql", 4, false).map(({ name }) => name);
  const verifiers = async () =>
    (await scene.ask("SELECT rolpassword FROM pg_authid WHERE rolname = ANY ($1) ORDER BY rolname", [names])).flat();
  const run = async (script: Parameters<Statements["of"]>[0]) => {
    const texts = await statements.of(script);
    const results = [];
    for (const text of texts) results.push(await client.query(text));
    return results;
  };
  assert.equal((await run("create")).length, 4);
  const before = await verifiers();
  try {
    for (const verifier of before) assert.match(String(verifier), /^SCRAM-SHA-256\$/);
    assert.equal((await run("alter")).length, 2);
    const after = await verifiers();
    assert.deepEqual(
      before.map((verifier, index) => verifier === after[index]),
      [false, true, false, true],
    );
    const [read] = await run("read");
    assert.deepEqual(read?.rows.map(({ name }) => name).sort(), names);
  } finally {
    await run("drop");
  }
  assert.deepEqual(await verifiers(), []);
});

onEachServer("a query with its parameters written out finds the same", async (scene) => {
  const text = withValues("SELECT $2::text, $1::name[], $10::int", [
    ["a'b", "$2"],
    "back\\slash",
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    7,
  ]);
  assert.deepEqual(await scene.ask(text), [["back\\slash", "{a'b,$2}", 7]]);
});
