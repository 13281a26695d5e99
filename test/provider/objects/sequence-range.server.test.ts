import assert from "node:assert/strict";
import { InvalidValueError } from "../../../provider";
import { asEachDeployer, failure, onEachServer } from "../scene";
import { shop } from "./shop";

const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";

asEachDeployer("every attribute, to the last digit, there and back in one ALTER", async (scene) => {
  const { here, row, ask } = await shop(scene);
  const me = scene.deployer.name;
  const sequence = await here.sequences.create({
    ...{ name: "no", dataType: "bigint", increment: MAX, minValue: BigInt(MIN), maxValue: MAX, start: 0 },
    ...{ cache: MAX, cycle: true },
  });
  const first = ["public", "no", me, "bigint", MAX, MIN, MAX, "0", MAX, true];
  assert.deepEqual(await row(sequence.oid), first);
  assert.deepEqual(
    { ...sequence },
    {
      ...{ schema: "public", name: "no", owner: me, dataType: "bigint", increment: MAX, minValue: MIN, maxValue: MAX },
      ...{ start: "0", cache: MAX, cycle: true, ownedBy: null, unlogged: false, comment: null },
    },
  );
  const after = { dataType: "smallint", increment: -2, minValue: -9, start: null, cache: 1, cycle: false } as const;
  // It stands at 0, where no descending sequence with the default bounds can.
  const outside = await failure(sequence.alter({ ...after, maxValue: null }), InvalidValueError);
  assert.match(outside.message, /RESTART value \(0\) cannot be greater than MAXVALUE \(-1\)\. Its current number/);
  assert.deepEqual(await row(sequence.oid), first, "nothing is done by halves");
  await sequence.alter({ ...after, maxValue: 0 });
  assert.deepEqual(await row(sequence.oid), ["public", "no", me, "smallint", "-2", "-9", "0", "0", "1", false]);
  assert.deepEqual([await sequence.nextval(), await sequence.nextval()], [0n, -2n]);
  const xmin = () => ask("SELECT xmin FROM pg_sequence WHERE seqrelid = $1", [sequence.oid]);
  const before = await xmin();
  await sequence.alter({ dataType: "smallint", increment: "-02", maxValue: 0n, name: "no", cycle: null });
  assert.deepEqual(await xmin(), before, "what is there already is not sent");
});

/** Combinations of numbers, each that PostgreSQL takes for a new sequence. */
const DEFINITIONS = (["smallint", "integer", "bigint"] as const).flatMap((dataType) =>
  [1, -1, 7].flatMap((increment) =>
    [
      { minValue: null, maxValue: null, start: null },
      { minValue: "-3", maxValue: "300", start: null },
      { minValue: "-3", maxValue: null, start: increment > 0 ? "5" : "-2" },
      { minValue: null, maxValue: increment > 0 ? "300" : "30", start: increment > 0 ? "1" : "0" },
    ].map((rest) => ({ dataType, increment, ...rest })),
  ),
);

onEachServer("whatever it was before, null is what PostgreSQL makes of a new sequence", async (scene) => {
  const { here, row } = await shop(scene);
  const fresh: unknown[][] = [];
  for (const [index, definition] of DEFINITIONS.entries()) {
    const made = await here.sequences.create({ name: `made_${index}`, ...definition });
    fresh.push(((await row(made.oid)) ?? []).slice(3));
    await made.drop();
  }
  let refused = 0;
  for (const [index, definition] of DEFINITIONS.entries()) {
    // From each to those that are 5 and 17 further on, which differ in every way.
    for (const step of [5, 17]) {
      const other = (index + step) % DEFINITIONS.length;
      const changed = await here.sequences.create({ name: "changed", ...definition });
      const before = ((await row(changed.oid)) ?? []).slice(3);
      const { lastValue } = await changed.state();
      const [, , least, most] = fresh[other] as string[];
      const inside = lastValue >= BigInt(least ?? 0) && lastValue <= BigInt(most ?? 0);
      if (inside) await changed.alter(DEFINITIONS[other] ?? {});
      else {
        refused++;
        const { message } = await failure(changed.alter(DEFINITIONS[other] ?? {}), InvalidValueError);
        assert.match(
          message,
          /cannot alter: RESTART value .* Its current number, which a change keeps, would be outside/,
        );
      }
      const now = ((await row(changed.oid)) ?? []).slice(3);
      assert.deepEqual(now, inside ? fresh[other] : before, JSON.stringify([definition, DEFINITIONS[other]]));
      assert.deepEqual((await changed.state()).lastValue, lastValue, "the current number is kept");
      await changed.drop();
    }
  }
  assert.ok(refused > 0 && refused < DEFINITIONS.length * 2, String(refused));
});
