/** What a script calls a table and what belongs to it, whose names are unique in the schema: indexes and sequences. */

import type { Observed, Values } from "../definition";
import { identifier, MAX_IDENTIFIER_BYTES } from "../sql";
import { textOf } from "./common";
import type { Ask, Names } from "./script";

/** The names in a script. */
export interface RelationNames extends Names {
  readonly schema: string;
  readonly name: string;
  /** Whether it is another object than the one that is scripted. */
  readonly clone: boolean;
  /** The name of an index or sequence: as it was, or one after the clone's that is free. */
  part(before: string): string;
}

/** Finds names for a script: those that there are, and for a clone those that are free where it is to be. */
export async function relationNames(ask: Ask, { values, oid }: Observed, as: Values): Promise<RelationNames> {
  const before = String(values.name);
  const name = textOf(as, "name") ?? before;
  const schema = textOf(as, "schema") ?? String(values.schema);
  const clone = name !== before || schema !== values.schema;
  const rows = await ask<{ name: string | null; server: string }>(
    `SELECT c.relname::text AS name, $2::oid::regclass::text AS server
       FROM (VALUES (1)) AS one LEFT JOIN pg_catalog.pg_class c
         ON c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)`,
    [schema, oid],
  );
  const taken = new Set([...rows.map((row) => row.name), name]);
  const given = new Map<string, string>();
  const part = (old: string) => {
    if (!clone) return old;
    const known = given.get(old);
    if (known !== undefined) return known;
    const wanted = name === before ? old : derived(old, before, name);
    const free = firstFree(wanted, taken);
    taken.add(free);
    given.set(old, free);
    return free;
  };
  return { schema, name, clone, part, server: rows[0]?.server ?? "", target: identifier(schema, name) };
}

/** `orders_pkey` of `orders` becomes `sold_pkey` of `sold`. */
function derived(old: string, before: string, name: string): string {
  return old.startsWith(before) ? `${name}${old.slice(before.length)}` : `${name}_${old}`;
}

function firstFree(wanted: string, taken: ReadonlySet<string | null>): string {
  for (let number = 0; ; number++) {
    const name = shortened(wanted, number === 0 ? "" : String(number));
    if (!taken.has(name)) return name;
  }
}

/** Cut to the bytes that an identifier has, between characters. */
function shortened(name: string, ending: string): string {
  let cut = [...name];
  while (Buffer.byteLength(cut.join("") + ending) > MAX_IDENTIFIER_BYTES) cut = cut.slice(0, -1);
  return cut.join("") + ending;
}
