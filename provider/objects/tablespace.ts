/** The tablespace of what has files of its own: a name, or that of the database. */

import type { Field, Observed, Values } from "../definition";
import { identifier, sql } from "../sql";
import { objectName } from "../values";
import { textOf } from "./common";

/** The tablespace of an object; none stands for the database's. */
export function tablespaceField(kind: string): Field {
  return {
    value: objectName,
    change: "update",
    default: null,
    clause: (value) => sql`SET TABLESPACE ${identifier(String(value))}`,
    postgres: `ALTER ${kind} … SET TABLESPACE`,
  };
}

/** Columns of a catalogue query: the object's tablespace, and the database's. `c` is the row of pg_class. */
export const TABLESPACE_COLUMNS = `
  (SELECT t.spcname::text FROM pg_catalog.pg_tablespace t WHERE t.oid = c.reltablespace) AS tablespace,
  (SELECT t.spcname::text FROM pg_catalog.pg_tablespace t JOIN pg_catalog.pg_database d ON t.oid = d.dattablespace
    WHERE d.datname = current_database()) AS "defaultTablespace"`;

/** The tablespace of most databases. */
const USUAL = "pg_default";

/** An object that nobody has looked at, in a database of the usual tablespace. */
export function assumedInTablespace(values: Values): Observed {
  const own: Values = values.tablespace === USUAL ? { tablespace: null } : {};
  return { values: { ...values, ...own }, extra: { defaultTablespace: USUAL } };
}

/** The database's own tablespace may be called by its name. */
export function sameTablespace({ values, extra }: Observed, { tablespace }: Values): Values {
  const own = values.tablespace === null && typeof tablespace === "string" && tablespace === extra.defaultTablespace;
  return own ? { tablespace } : {};
}

/** Desired values with the name of the tablespace, for statements: none is the database's. */
export function withTablespace({ extra }: Observed, desired: Values): Values {
  return { ...desired, tablespace: textOf(desired, "tablespace") ?? String(extra.defaultTablespace) };
}
