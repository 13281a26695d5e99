/** Observation: many objects of a type in one query. */

import type { Session } from "./adapter";
import type { Key, ObjectType, Observed } from "./definition";
import type { ServerFacts } from "./facts";

/** Observes objects by their keys: by name first, then by oid (an object that was renamed). Undefined: not there. */
export async function observeMany(
  session: Session,
  server: ServerFacts,
  type: ObjectType,
  keys: readonly Key[],
): Promise<(Observed | undefined)[]> {
  const { select, key: columns, oid } = type.catalogue(server);
  const named = columns.map((_, index) => `$${index + 1}::name[]`).join(", ");
  const rows = await session.query(
    `${select} WHERE (${columns.join(", ")}) IN (SELECT * FROM unnest(${named}))
        OR ${oid} = ANY ($${columns.length + 1}::oid[])`,
    [
      ...columns.map((_, index) => keys.map(({ path }) => path[index])),
      keys.flatMap((key) => (key.oid === undefined ? [] : [key.oid])),
    ],
  );
  const found = rows.rows.map((row) => type.toObserved(row as Record<string, unknown>));
  const byPath = new Map(found.map((observed) => [pathOf(type, observed), observed]));
  const byOid = new Map(found.map((observed) => [observed.oid, observed]));
  return keys.map((key) => byPath.get(JSON.stringify(key.path)) ?? byOid.get(key.oid ?? 0));
}

/** Observes every object of a type, ordered by name. */
export async function observeAll(session: Session, server: ServerFacts, type: ObjectType): Promise<Observed[]> {
  const { select, key } = type.catalogue(server);
  const { rows } = await session.query(`${select} ORDER BY ${key.join(", ")}`);
  return rows.map((row) => type.toObserved(row as Record<string, unknown>));
}

function pathOf(type: ObjectType, observed: Observed): string {
  return JSON.stringify(type.key.map((field) => observed.values[field]));
}
