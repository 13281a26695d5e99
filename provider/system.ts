/** What belongs to the system: what is on a server without anybody's having made it for its own sake. */

import type { Session } from "./adapter";
import type { CatalogueType, Observed } from "./definition";
import type { ServerFacts } from "./facts";

/** The oids below belong to what initdb has made. */
export const FIRST_NORMAL_OID = 16_384;

/** The last oid that there can be. */
export const GREATEST_OID = 4_294_967_295;

/**
 * Observed objects of the session's database, but for what initdb made, what belongs to an extension, sequences of identity
 * columns, and what is gone with its session.
 */
export async function withoutSystem(
  session: Session,
  server: ServerFacts,
  type: CatalogueType,
  all: readonly Observed[],
): Promise<Observed[]> {
  const own = all.filter((observed) => !isOfTheSystem(type, observed));
  const { table } = type.catalogue(server);
  if (table === undefined || own.length === 0) return own;
  const members = await membersOfExtensions(session, table);
  return own.filter(({ oid }) => oid === undefined || !members.has(oid));
}

function isOfTheSystem(type: CatalogueType, { oid, values, extra }: Observed): boolean {
  if (oid !== undefined && oid < FIRST_NORMAL_OID) return true;
  if (extra.identity === true || values.temporary === true) return true;
  return type.fields.name?.value.accepts(values.name) === false; // schemas of sessions
}

async function membersOfExtensions(session: Session, table: string): Promise<Set<number>> {
  const { rows } = await session.query(
    "SELECT d.objid::int8 AS oid FROM pg_catalog.pg_depend d WHERE d.deptype = 'e' AND d.classid = $1::regclass",
    [`pg_catalog.${table}`],
  );
  return new Set((rows as { oid: string }[]).map(({ oid }) => Number(oid)));
}
