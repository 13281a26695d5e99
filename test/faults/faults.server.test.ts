/** A share of the faults that `npm run test:faults` lets loose: each kind on one of the servers, with one of the roles. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { commandType } from "../../provider/command/definition";
import { objectTypes } from "../../provider/objects";
import { seed } from "../support/seed";
import { GROUNDS, run } from "./campaign";
import { KINDS } from "./kinds";
import { FIRST, SECOND } from "./program";

/** What takes minutes by nature is left to the full run. */
const MOST_COST = 6;

test("the programs have a resource of every type", () => {
  for (const program of [FIRST, SECOND]) {
    const types = new Set(Object.values(program).map(({ type }) => type));
    assert.deepEqual([...types].sort(), [...objectTypes.keys(), commandType.type].sort());
  }
});

for (const [index, [version, who]] of GROUNDS.entries()) {
  test(`a stack survives faults of every kind (PostgreSQL ${version}, ${who}, PGMOB_SEED=${seed})`, async (t) => {
    const mine = KINDS.filter(({ cost }, at) => cost <= MOST_COST && (at + seed) % GROUNDS.length === index);
    const { tally, failures } = await run({ version, who, seed, kinds: mine, enough: 1 });
    t.diagnostic(`${tally.total} faults`);
    assert.deepEqual(
      failures.map(({ message }) => message),
      [],
    );
    assert.deepEqual(tally.short(mine, 1), []);
  });
}
