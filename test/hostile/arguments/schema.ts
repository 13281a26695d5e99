/** The arguments of schemas. */

import { hostileLongText, hostileText, isNameable, isStorable } from "../texts";
import type { Argument, Rows } from "../trial";
import { comment, isSchemaName, noSuchRole, role } from "./common";

/** The arguments of schemas. */
export function schemas(): Argument[] {
  const base = { type: "Schema", texts: hostileText, adds: (): Rows => ({ pg_namespace: 1 }) };
  const of = (value: string) =>
    `SELECT n.oid AS key, ${value} AS value FROM pg_namespace n WHERE n.oid = ANY ($1::oid[])`;
  const exists = (text: string) => (text === "public" ? "it exists already" : undefined);
  return [
    {
      ...base,
      ...{ name: "name", count: 430, accepts: isSchemaName, refusal: exists, read: of("to_json(n.nspname)") },
      inputs: (name) => ({ name }),
    },
    {
      ...base,
      ...{ name: "name (renamed)", count: 140, accepts: isSchemaName, read: of("to_json(n.nspname)") },
      refusal: (text) => (text === "public" ? "already exists" : undefined),
      before: (_, name) => ({ name }),
      inputs: (name) => ({ name }),
    },
    {
      ...base,
      ...{ name: "owner", count: 190, accepts: isNameable, refusal: noSuchRole, needs: role },
      inputs: (owner, name) => ({ name, owner }),
      read: of("to_json(pg_get_userbyid(n.nspowner))"),
    },
    {
      ...base,
      ...{ name: "comment", count: 340, texts: hostileLongText, accepts: isStorable, expected: comment },
      inputs: (comment, name) => ({ name, comment }),
      read: of("to_json(obj_description(n.oid, 'pg_namespace'))"),
      adds: (text) => ({ pg_namespace: 1, pg_description: text === "" ? 0 : 1 }),
    },
    {
      ...base,
      ...{ name: "database", count: 100, accepts: isNameable, refusal: () => "database .* does not exist" },
      inputs: (database, name) => ({ name, database }),
    },
  ];
}
