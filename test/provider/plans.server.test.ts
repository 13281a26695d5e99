/** Plans of catalogue queries: made a few times per session, and then kept, however many objects are asked for. */

import assert from "node:assert/strict";
import type { CatalogueType } from "../../provider/definition";
import { objectTypes } from "../../provider/objects";
import { observeMany } from "../../provider/observe";
import { uniqueName } from "../support/postgres-fixture";
import { serverFacts } from "./samples";
import { onEachServer } from "./scene";

/** Where no oid is yet. */
const NO_OID = 2_147_483_647;
/** So many plans for given values the server makes before it looks whether a general one is as good. */
const PLANS_FOR_VALUES = 5;

onEachServer("the plan is kept for one key, a few, and many, by name and by oid, of every type", async (scene) => {
  const types = [...objectTypes.values()].filter((type): type is CatalogueType => type.source === undefined);
  for (const count of [1, 2, 8, 9, 30]) {
    const cluster = await scene.connect({ maxConnections: 1 });
    for (const type of types) {
      const { keyTypes = [] } = type.catalogue(serverFacts({ major: scene.server.version }));
      const keys = Array.from({ length: count }, (_, index) => ({
        path: type.key.map((_, part) => (keyTypes[part] === "oid" ? String(NO_OID - index) : uniqueName("no"))),
        oid: NO_OID - index,
      }));
      for (let time = 0; time < 2 * PLANS_FOR_VALUES; time++)
        assert.deepEqual(await observeMany(cluster, type, keys), Array(count).fill(undefined));
    }
    const plans = await cluster.execute(
      "SELECT custom_plans::int, generic_plans::int FROM pg_prepared_statements WHERE starts_with(name, 'pgmob_')",
    );
    assert.ok(plans.length >= types.length, `${plans.length} queries for ${types.length} types`);
    for (const [forValues, kept] of plans as [number, number][]) {
      assert.equal(forValues, PLANS_FOR_VALUES, `${count} of each type: plans for given values`);
      assert.ok(kept >= PLANS_FOR_VALUES, `${count} of each type: the kept plan is used ${kept} times`);
    }
    await cluster.close();
  }
});
