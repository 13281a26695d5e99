/** What depends on an object, for the refusal to drop it. */

import type { Cluster } from "../cluster";

const NAMED = 10;

/** What depends on the object of a catalogue (`pg_class`), as the server describes it; undefined when nothing does. */
export async function dependents(cluster: Cluster, catalogue: string, oid?: number): Promise<string | undefined> {
  const found = await cluster.query<{ text: string }>(
    `SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS text
       FROM pg_catalog.pg_depend d
      WHERE d.refclassid = ('pg_catalog.' || $1)::regclass AND d.refobjid = $2 AND d.deptype = 'n'
      ORDER BY d.classid, d.objid`,
    [catalogue, oid],
  );
  if (found.length === 0) return undefined;
  const named = found.slice(0, NAMED).map(({ text }) => text);
  return [...named, ...(found.length > NAMED ? [`and ${found.length - NAMED} more`] : [])].join(", ");
}
