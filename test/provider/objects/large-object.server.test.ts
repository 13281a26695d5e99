import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { AlreadyExistsError, InvalidValueError, NotFoundError, PermissionError } from "../../../provider";
import { PIECE } from "../../../provider/large-object";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, onEachServer } from "../scene";
import { shop } from "./shop";

asEachDeployer("a large object: created, read, written, cut, filled up, handed over, dropped", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const before = await scene.memberships();
  const object = await here.largeObjects.create();
  const { oid } = object;
  assert.deepEqual({ ...object }, { oid, owner: scene.deployer.name, comment: null });
  assert.deepEqual([await object.size(), (await object.read()).length], [0, 0]);
  const content = async () => ((await ask("SELECT lo_get($1)", [oid])) as [[Buffer]])[0][0].toString("latin1");

  await object.write("naïve 🐘");
  assert.equal((await object.read()).toString(), "naïve 🐘");
  await object.write(Buffer.from([0, 255, 92, 10, 13]));
  assert.equal(await content(), "\0\xff\\\n\r", "all of it is replaced");
  await object.write("ab", { offset: 1 });
  assert.equal(await content(), "\0ab\n\r", "in place");
  await object.write("z", { offset: 8 });
  assert.equal(await content(), "\0ab\n\r\0\0\0z", "zeros in between");
  assert.equal(await object.size(), 9);
  assert.equal((await object.read({ offset: 1, length: 2 })).toString(), "ab");
  assert.equal((await object.read({ offset: 8, length: 20 })).toString(), "z");
  assert.equal((await object.read({ offset: 100 })).length, 0);
  await object.truncate(2);
  assert.equal(await content(), "\0a");
  await object.truncate(4);
  assert.equal(await content(), "\0a\0\0");
  await object.truncate();
  assert.equal(await content(), "");
  for (const wrong of [-1, 1.5, Number.NaN]) await failure(object.truncate(wrong), InvalidValueError);

  await object.alter({ owner, comment: "it's" });
  const found = await here.largeObjects.get(oid);
  assert.deepEqual([found.owner, found.comment], [owner, "it's"]);
  await object.alter({ comment: null });
  await object.drop();
  assert.equal(await here.largeObjects.has(oid), false);
  const gone = await failure(here.largeObjects.get(oid), NotFoundError);
  assert.equal(gone.message, `large object ${oid}: does not exist`);
  await failure(object.refresh(), NotFoundError);
  await failure(object.alter({ owner }), NotFoundError);
  for (const [task, intent] of [
    [() => object.read(), "read"],
    [() => object.write("x"), "write"],
    [() => object.size(), "read"],
  ] as const) {
    const error = await failure(task(), NotFoundError);
    assert.deepEqual([error.object, error.intent], [`large object ${oid}`, intent]);
  }
  assert.deepEqual(await scene.memberships(), before, "no right is left lent");
});

asEachDeployer("streamed in and out in any size, byte by byte the same", async (scene) => {
  const { here } = await shop(scene);
  for (const size of [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 12_345]) {
    const bytes = randomBytes(size);
    const cuts = Readable.from(
      (function* () {
        for (let i = 0; i < size; i += 70_001) yield bytes.subarray(i, i + 70_001);
      })(),
      { objectMode: false },
    );
    const object = await here.largeObjects.create({ data: cuts });
    assert.equal(await object.size(), size);
    assert.ok(Buffer.from(await object.read()).equals(bytes));
    const received: Buffer[] = [];
    const sink = new PassThrough().on("data", (chunk: Buffer) => received.push(chunk));
    await object.readTo((pieces) => pipeline(pieces, sink));
    assert.ok(Buffer.concat(received).equals(bytes), `${size} bytes out`);
    assert.equal(await object.writeFrom(["ab", Buffer.from("cd")]), 4);
    assert.equal((await object.read()).toString(), "abcd", "what it was before is gone");
    await object.drop();
  }
});

asEachDeployer(
  "a stream that breaks leaves everything as it was; one that is not read to its end, too",
  async (scene) => {
    const { cluster, here } = await shop(scene);
    const object = await here.largeObjects.create({ data: randomBytes(2 * PIECE) });
    const before = await object.read();
    const broken = function* () {
      yield Buffer.alloc(PIECE + 1);
      throw new TypeError("the user's own");
    };
    assert.equal((await failure(object.writeFrom(broken()), TypeError)).message, "the user's own");
    assert.ok(Buffer.from(await object.read()).equals(before));
    await failure(here.largeObjects.create({ data: broken() }), TypeError);
    assert.equal((await here.execute("SELECT count(*)::int FROM pg_largeobject_metadata"))[0]?.[0], 1);
    const first = await object.readTo(async (pieces) => {
      for await (const piece of pieces) return piece.length;
      return 0;
    });
    assert.equal(first, PIECE);
    await failure(
      object.readTo(async () => {
        throw new TypeError("x");
      }),
      TypeError,
    );
    assert.equal((await cluster.execute("SELECT 1"))[0]?.[0], 1, "the connections go on");
  },
);

asEachDeployer("what is read is of one moment, and only what is taken is fetched", async (scene) => {
  const { here } = await shop(scene);
  const object = await here.largeObjects.create({ data: Buffer.alloc(3 * PIECE, "a") });
  const seen = await object.readTo(async (pieces) => {
    const found = new Set<string>();
    let pieceNumber = 0;
    for await (const piece of pieces) {
      for (const byte of new Set(piece)) found.add(String.fromCharCode(byte));
      if (pieceNumber++ === 0) await object.write(Buffer.alloc(3 * PIECE, "b"));
    }
    return [...found].join();
  });
  assert.equal(seen, "a");
  assert.equal((await object.read({ length: 1 })).toString(), "b");
});

asEachDeployer("by oid: created, filtered, in order, taken already", async (scene) => {
  const { here } = await shop(scene);
  const [one, other] = [4_000_000_000, 17];
  await here.largeObjects.create({ oid: one, data: "x" });
  await here.largeObjects.create({ oid: other });
  assert.equal((await here.largeObjects.get(one)).oid, one);
  const error = await failure(here.largeObjects.create({ oid: one }), AlreadyExistsError);
  assert.equal(error.message, `large object ${one}: cannot create: there is one already`);
  const oids = async (filter: Parameters<typeof here.largeObjects.where>[0]) => {
    const found: number[] = [];
    for await (const { oid } of here.largeObjects.where(filter)) found.push(oid);
    return found;
  };
  assert.deepEqual(await oids({}), [other, one]);
  assert.deepEqual(await oids({ owner: scene.deployer.name, oid: (oid) => oid > 100 }), [one]);
  assert.deepEqual(await oids({ owner: "nobody" }), []);
});

asRestricted("somebody else's is refused with the grant that is missing; granted, it works", async (scene) => {
  const { here, ask } = await shop(scene);
  const [[oid]] = (await ask("SELECT lo_from_bytea(0, 'abc')::int8::int")) as [[number]];
  const object = await here.largeObjects.get(oid);
  for (const [task, right] of [
    [() => object.read(), "SELECT"],
    [() => object.size(), "SELECT"],
    [() => object.readTo(async () => {}).then(() => object.read()), "SELECT"],
    [() => object.write("x"), "UPDATE"],
    [() => object.truncate(), "UPDATE"],
  ] as const) {
    const error = await failure(task(), PermissionError);
    assert.ok(
      error.message.endsWith(`Let its owner run: GRANT ${right} ON LARGE OBJECT ${oid} TO "${scene.deployer.name}"`),
    );
  }
  await failure(object.drop(), PermissionError);
  await ask(`GRANT SELECT, UPDATE ON LARGE OBJECT ${oid} TO ${pg.escapeIdentifier(scene.deployer.name)}`);
  await object.write("d", { offset: 3 });
  assert.equal((await object.read()).toString(), "abcd");
});

onEachServer("over a lent connection, and whatever pg is set to make of bytea", async (scene) => {
  const { here } = await shop(scene);
  const client = await scene.client(here.currentDatabase);
  const lent = await scene.connect({ connection: client });
  const before = pg.types.getTypeParser(17, "text");
  try {
    pg.types.setTypeParser(17, () => "changed by the user");
    const object = await lent.largeObjects.create({ data: "abc" });
    assert.equal((await object.read()).toString(), "abc");
    await object.drop();
  } finally {
    pg.types.setTypeParser(17, before as (value: string) => unknown);
  }
});
