/** The arguments that all types have whose objects are made by SQL, and are taken over in a schema. */

import { hostileLongText, hostileText, isNameable, isStorable } from "../texts";
import type { Argument } from "../trial";
import { comment, isSchemaName, noSuchRole, nothing, type Place, role, schema } from "./common";

/** How objects of a type are made by SQL, and looked at. */
export interface Made {
  readonly type: "Table" | "View" | "Routine";
  /** What makes one, with `%I.%I` for its name. */
  readonly sql: string;
  readonly catalogue: "pg_class" | "pg_proc";
  /** How its columns begin. */
  readonly columns: "rel" | "pro";
}

/** Nothing of this database is called so. */
const isFree = (text: string) => text !== "canary";

/** A query for something of objects; `x` is the row of the catalogue. */
export const readOf =
  (catalogue: string) =>
  (value: string): string =>
    `SELECT x.oid AS key, ${value} AS value FROM ${catalogue} x WHERE x.oid = ANY ($1::oid[])`;

/** The arguments that they all have. */
export function takenOver({ type, sql, catalogue, columns }: Made): Argument[] {
  const base = { type, texts: hostileText, adds: nothing };
  const of = readOf(catalogue);
  const made = (_: string, name: string) => [[sql, "public", name] as const];
  const before = (_: string, name: string) => ({ name });
  return [
    {
      ...base,
      ...{ name: "name", count: 140, accepts: isNameable, read: of(`to_json(x.${columns}name)`) },
      texts: hostileText.filter(isFree),
      needs: (text) => [[sql, "public", text]],
      inputs: (name) => ({ name }),
    },
    {
      ...base,
      ...{ name: "name (renamed)", count: 140, accepts: isNameable, read: of(`to_json(x.${columns}name)`) },
      texts: hostileText.filter(isFree),
      needs: made,
      before,
      inputs: (name) => ({ name }),
    },
    {
      ...base,
      ...{ name: "schema", count: 90, accepts: isSchemaName, before },
      read: of(`(SELECT to_json(n.nspname) FROM pg_namespace n WHERE n.oid = x.${columns}namespace)`),
      needs: (text, name) => [...schema(text), ...made(text, name)],
      inputs: (schema, name) => ({ name, schema }),
    },
    {
      ...base,
      ...{ name: "owner", count: 90, accepts: isNameable, refusal: noSuchRole },
      read: of(`to_json(pg_get_userbyid(x.${columns}owner))`),
      needs: (text, name) => [
        ...role(text),
        ...role(text).map(() => ["GRANT CREATE ON SCHEMA public TO %I", text] as const),
        ...made(text, name),
      ],
      inputs: (owner, name) => ({ name, owner }),
    },
    {
      ...base,
      ...{ name: "comment", count: 140, texts: hostileLongText, accepts: isStorable, expected: comment, needs: made },
      inputs: (comment, name) => ({ name, comment }),
      read: of(`to_json(obj_description(x.oid, '${catalogue}'))`),
      adds: (text) => ({ pg_description: text === "" ? 0 : 1 }),
    },
    {
      ...base,
      ...{ name: "database", count: 60, accepts: isNameable, refusal: () => "database .* does not exist" },
      inputs: (database, name) => ({ name, database }),
    },
  ];
}

/** The tablespace of what has files of its own. */
export function tablespaceOf({ type, sql }: Made, { tablespace }: Place): Argument {
  const isTaken = (text: string) => text.startsWith("pg_");
  return {
    ...{ type, name: "tablespace", texts: hostileText, count: 60, accepts: isNameable, adds: nothing, alone: true },
    needs: (text, name) => [
      ...(isTaken(text) ? [] : [["ALTER TABLESPACE %I RENAME TO %I", tablespace, text] as const]),
      [sql, "public", name],
    ],
    inputs: (tablespace, name) => ({ name, tablespace }),
    refusal: (text) => (isTaken(text) ? "tablespace .* does not exist" : undefined),
    read: readOf("pg_class")("(SELECT to_json(t.spcname) FROM pg_tablespace t WHERE t.oid = x.reltablespace)"),
  };
}
