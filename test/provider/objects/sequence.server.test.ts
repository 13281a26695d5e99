import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AlreadyExistsError,
  InvalidValueError,
  NotFoundError,
  PermissionError,
  type SequenceObject,
} from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, hostileNames } from "../scene";
import { shop } from "./shop";

asEachDeployer("a sequence under any name: made, found, changed, moved, renamed, scripted, dropped", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const me = scene.deployer.name;
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const plain = await scene.client(here.currentDatabase, scene.deployer);
  const before = await scene.memberships();
  const where = async (oid: number) =>
    (
      await ask(
        "SELECT n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1",
        [oid],
      )
    )[0];
  for (const name of hostileNames()) {
    const schema = await here.schemas.create({ name, owner });
    assert.equal(await here.sequences.has({ schema: name, name }), false);
    const sequence = await here.sequences.create({ schema: name, name, owner, start: 5, comment: "it's" });
    const { oid } = sequence;
    assert.deepEqual(await where(oid), [name, name, owner]);
    assert.deepEqual([sequence.schema, sequence.name, sequence.start, sequence.comment], [name, name, "5", "it's"]);
    assert.equal((await here.sequences.get({ schema: name, name })).oid, oid);
    await ask(`SELECT nextval('${oid}'::regclass)`);

    await sequence.alter({ name: "moved", schema: "public", owner: me, increment: 10n, comment: null });
    assert.deepEqual(await where(oid), ["public", "moved", me]);
    assert.equal((await here.sequences.get("moved")).oid, oid);
    assert.equal(await sequence.nextval(), 15n, "the current number is kept");
    await plain.query(await sequence.script({ name: "copy" }));
    const copy = await here.sequences.get("copy");
    assert.deepEqual([copy.schema, copy.increment, copy.start, copy.owner], ["public", "10", "5", me]);
    await copy.drop();
    await sequence.alter({ schema: name, name, owner });
    assert.deepEqual(await where(oid), [name, name, owner]);
    await sequence.drop();
    assert.equal(await where(oid), undefined);
    await schema.drop();
  }
  assert.deepEqual(await scene.memberships(), before, "no right is left lent");
});

asEachDeployer("names with dots, schemas and databases do not run into each other", async (scene) => {
  const { cluster, here } = await shop(scene);
  for (const name of ["a", "a.b"]) await here.schemas.create({ name });
  const made: Record<string, SequenceObject> = {
    "public a.b.c": await here.sequences.create({ name: "a.b.c" }),
    "a b.c": await here.sequences.create({ schema: "a", name: "b.c" }),
    "a.b c": await here.sequences.create({ schema: "a.b", name: "c" }),
  };
  for (const [key, { oid }] of Object.entries(made)) {
    const [schema = "", name = ""] = key.split(" ");
    assert.equal((await here.sequences.get({ schema, name })).oid, oid);
  }
  assert.equal((await here.sequences.get("a.b.c")).oid, made["public a.b.c"]?.oid, "a text is a name in public");
  assert.equal((await here.sequences.get({ name: "a.b.c" })).oid, made["public a.b.c"]?.oid);
  assert.equal(await here.sequences.has("b.c"), false);
  assert.equal(await cluster.sequences.has("a.b.c"), false, "another database");
  const missing = await failure(here.sequences.get({ schema: 'x"y', name: "c" }), NotFoundError);
  assert.equal(missing.message, 'sequence "x""y"."c": does not exist');
  const there = await failure(here.sequences.create({ schema: "a", name: "b.c" }), AlreadyExistsError);
  assert.match(there.message, /^sequence "a"\."b\.c": cannot create: relation "b\.c" already exists/);
  await failure(made["a b.c"]!.alter({ schema: "a.b", name: "c" }), AlreadyExistsError);

  const plain = await scene.client(here.currentDatabase, scene.deployer);
  await plain.query(
    "CREATE TEMPORARY SEQUENCE passing; CREATE TABLE a.t (i int GENERATED ALWAYS AS IDENTITY, s serial)",
  );
  const listed: string[] = [];
  for await (const { schema, name } of here.sequences) listed.push(`${schema} ${name}`);
  assert.deepEqual(listed, ["a b.c", "a t_i_seq", "a t_s_seq", "a.b c", "public a.b.c"]);
});

asEachDeployer("unlogged from 15 on, with its current number", async (scene) => {
  const { here, ask } = await shop(scene);
  const sequence = await here.sequences.create({ name: "no", unlogged: false });
  const persistence = async () =>
    (await ask("SELECT relpersistence::text FROM pg_class WHERE oid = $1", [sequence.oid]))[0];
  await sequence.setval(7);
  if (scene.server.version < 15) {
    for (const attempt of [
      () => here.sequences.create({ name: "x", unlogged: true }),
      () => sequence.alter({ unlogged: true }),
    ]) {
      const { message } = await failure(attempt(), InvalidValueError);
      assert.match(message, /unlogged needs PostgreSQL 15 or newer; the server runs 1\d/);
    }
    return;
  }
  await sequence.alter({ unlogged: true });
  assert.deepEqual(await persistence(), ["u"]);
  assert.equal(await sequence.nextval(), 8n);
  await sequence.alter({ unlogged: null });
  assert.deepEqual(await persistence(), ["p"]);
  assert.equal(await sequence.nextval(), 9n);
  const unlogged = await here.sequences.create({ name: "quick", unlogged: true });
  assert.equal(unlogged.unlogged, true);
  assert.match(
    await unlogged.script({ name: "copy" }),
    /^CREATE UNLOGGED SEQUENCE "public"\."copy";\nALTER .* OWNER TO .*;\n$/,
  );
});

asRestricted("a right that cannot be had is named; one that the owner has is enough", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const me = scene.deployer.name;
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  await ask(`CREATE SCHEMA theirs; CREATE SEQUENCE theirs.no; CREATE SEQUENCE public.no`);
  const before = await scene.memberships();
  const closed = await failure(here.sequences.create({ schema: "theirs", name: "x" }), PermissionError);
  assert.equal(
    closed.message,
    `sequence "theirs"."x": cannot create: "${me}" may not create in schema "theirs". Let its owner run: GRANT USAGE, CREATE ON SCHEMA "theirs" TO "${me}"`,
  );
  const theirs = await here.sequences.get({ schema: "theirs", name: "no" });
  for (const attempt of [() => theirs.alter({ cache: 2 }), () => theirs.drop()]) {
    assert.match(
      (await failure(attempt(), PermissionError)).message,
      /has not the rights of role "postgres"|may not use schema "theirs"/,
    );
  }
  await ask(`GRANT USAGE, CREATE ON SCHEMA theirs TO ${me}`);
  const mine = await here.sequences.create({ schema: "theirs", name: "mine" });
  const given = await failure(mine.alter({ owner }), PermissionError);
  assert.match(
    given.message,
    new RegExp(`role "${owner}" may not create in schema "theirs", and so cannot own .* TO "${owner}"$`),
  );
  await ask(`REVOKE ALL ON SCHEMA theirs FROM ${me}; GRANT USAGE, CREATE ON SCHEMA theirs TO ${owner}`);
  const lent = await here.sequences.create({ schema: "theirs", name: "lent", owner });
  await lent.alter({ name: "renamed", cache: 2 });
  assert.equal(lent.owner, owner);

  const foreign = await here.sequences.get("no");
  for (const [attempt, right] of [
    [() => foreign.nextval(), "USAGE"],
    [() => foreign.setval(5), "UPDATE"],
    [() => foreign.state(), "SELECT"],
  ] as const) {
    const { message } = await failure(attempt(), PermissionError);
    assert.match(
      message,
      new RegExp(
        `permission denied for sequence no\\. Let its owner run: GRANT ${right} ON SEQUENCE "public"\\."no" TO "${me}"$`,
      ),
    );
  }
  assert.deepEqual(await scene.memberships(), before);
});

asEachDeployer("a drop that somebody else is just making is no error", async (scene) => {
  const { here, ask } = await shop(scene);
  await here.schemas.create({ name: "short" });
  const dropping = await scene.client(here.currentDatabase, scene.deployer);
  for (const what of ["SCHEMA short CASCADE", "SEQUENCE lived"]) {
    const schema = what.startsWith("SCHEMA") ? "short" : "public";
    const sequence = await here.sequences.create({ schema, name: "lived" });
    await dropping.query(`BEGIN; DROP ${what}`);
    const dropped = sequence.drop();
    const waits =
      "SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while ((await ask(waits)).length === 0) await sleep(10);
    await sleep(300); // until it waits by itself, for as long as the session allows
    await dropping.query("COMMIT");
    await dropped;
    assert.equal(await here.sequences.has({ schema, name: "lived" }), false);
  }
});
