import assert from "node:assert/strict";
import { InvalidValueError, NotFoundError } from "../../../provider";
import { asEachDeployer, failure } from "../scene";
import { shop } from "./shop";

const MAX = "9223372036854775807";

asEachDeployer("nextval, currval, setval and where it stands", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const sequence = await here.sequences.create({ name: "no", start: "9007199254740993" });
  assert.deepEqual(await sequence.state(), { lastValue: 9007199254740993n, isCalled: false });
  const none = await failure(sequence.currval(), NotFoundError);
  assert.equal(none.message, 'sequence "public"."no": no number was taken by this Cluster. Call nextval first');
  assert.equal(await sequence.nextval(), 9007199254740993n);
  assert.equal(await sequence.nextval(), 9007199254740994n);
  await ask("SELECT nextval('no')");
  assert.equal(await sequence.currval(), 9007199254740994n, "what others take does not count");
  assert.equal(await (await cluster.in(here.currentDatabase).sequences.get("no")).currval(), 9007199254740994n);
  assert.deepEqual(await sequence.state(), { lastValue: 9007199254740995n, isCalled: true });

  assert.equal(await sequence.setval(MAX, { isCalled: false }), BigInt(MAX));
  assert.deepEqual(await sequence.state(), { lastValue: BigInt(MAX), isCalled: false });
  assert.equal(await sequence.currval(), 9007199254740994n, "a number that is not called is not current");
  assert.equal(await sequence.nextval(), BigInt(MAX));
  const end = await failure(sequence.nextval(), InvalidValueError);
  assert.equal(end.sqlstate, "2200H");
  assert.match(end.message, /^sequence "public"\."no": cannot take its next number: nextval: reached maximum value/);
  assert.equal(await sequence.setval(41), 41n);
  assert.deepEqual(await sequence.state(), { lastValue: 41n, isCalled: true });
  assert.equal(await sequence.currval(), 41n);
  assert.equal(await sequence.nextval(), 42n);
  const outside = await failure(sequence.setval(0), InvalidValueError);
  assert.match(outside.message, /cannot set its current number: setval: value 0 is out of bounds for sequence "no"/);
  for (const value of [1.5, 2 ** 53, "x", 2n ** 63n]) {
    assert.match(
      (await failure(sequence.setval(value), InvalidValueError)).message,
      /value must be a whole number from/,
    );
  }

  // Of another one nothing is known, even under the same name; and a renamed one is the same.
  await sequence.alter({ name: "nr" });
  assert.equal(await sequence.nextval(), 43n);
  const other = await here.sequences.create({ name: "no" });
  await failure(other.currval(), NotFoundError);
  assert.deepEqual(await other.state(), { lastValue: 1n, isCalled: false });
  await other.drop();
  await failure(other.state(), NotFoundError);
  await assert.rejects(other.nextval(), /^PostgresError: sequence "public"\."no": cannot take its next number: /);
});
