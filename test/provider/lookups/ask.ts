/** Lookups as the hooks ask them, for tests against servers. */

import assert from "node:assert/strict";
import type { Cluster } from "../../../provider";
import type { Values } from "../../../provider/definition";
import { Host } from "../../../provider/host";
import { lookups } from "../../../provider/lookups";

/** Objects by their oid. */
export type Found = Record<string, Values>;

/** What a lookup answers. Undefined: what it is asked about is not there. */
export async function answer(
  cluster: Cluster,
  name: string,
  given: Values,
  pending = false,
): Promise<Found | undefined> {
  const lookup = lookups.get(name) ?? assert.fail(`there is no ${name}`);
  return (await lookup.answer(Host.over(cluster), given, pending)) as Found | undefined;
}

/** The names of the objects that a lookup finds, in order; with their schemas, where they are in one. */
export async function namesOf(cluster: Cluster, name: string, given: Values): Promise<string[]> {
  const found = (await answer(cluster, name, given)) ?? assert.fail("there is no answer");
  return Object.values(found)
    .map((one) => (one.schema === undefined ? String(one.name) : `${one.schema}.${one.name}`))
    .sort();
}
