/** The arguments of databases that can be changed in a transaction. */

import type { Values } from "../../../provider/definition";
import { hostileLongText, hostileText, isNameable, isStorable } from "../texts";
import type { Argument } from "../trial";
import {
  asNameList,
  badParameter,
  comment,
  isParameterArgument,
  noSuchRole,
  nothing,
  type Place,
  parameterTexts,
  role,
  sameParameter,
} from "./common";

/** The arguments of databases that can be changed in a transaction. */
export function databases({ database }: Place): Argument[] {
  const base = { type: "Database", texts: hostileText, alone: true as const, adds: nothing };
  const of = (value: string) =>
    `SELECT d.oid AS key, ${value} AS value FROM pg_database d WHERE d.oid = ANY ($1::oid[])`;
  const settings =
    "(SELECT to_json(s.setconfig) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0)";
  const adopted = (more: Values): Values => ({ name: database, adopt: true, ...more });
  return [
    {
      ...base,
      ...{ name: "name (renamed)", count: 140, accepts: isNameable, read: of("to_json(d.datname)") },
      before: () => adopted({}),
      inputs: (name) => ({ name, adopt: true }),
    },
    {
      ...base,
      ...{ name: "owner", count: 100, accepts: isNameable, refusal: noSuchRole, needs: role },
      inputs: (owner) => adopted({ owner }),
      read: of("to_json(pg_get_userbyid(d.datdba))"),
    },
    {
      ...base,
      ...{ name: "comment", count: 100, texts: hostileLongText, accepts: isStorable, expected: comment },
      inputs: (comment) => adopted({ comment }),
      read: of("to_json(shobj_description(d.oid, 'pg_database'))"),
      adds: (text) => ({ pg_shdescription: text === "" ? 0 : 1 }),
    },
    {
      ...base,
      ...{ name: "config.*", count: 100, accepts: isStorable, expected: (text) => [`app.x=${text}`] },
      inputs: (text) => adopted({ config: { "app.x": text } }),
      read: of(settings),
      adds: () => ({ pg_db_role_setting: 1 }),
    },
    {
      ...base,
      ...{ name: "config.search_path[]", count: 60, accepts: isStorable, expected: asNameList, read: of(settings) },
      inputs: (text) => adopted({ config: { search_path: [text] } }),
      adds: () => ({ pg_db_role_setting: 1 }),
    },
    {
      ...base,
      ...{
        name: "config (keys)",
        count: 100,
        texts: parameterTexts,
        accepts: isParameterArgument,
        refusal: badParameter,
      },
      inputs: (text) => adopted({ config: { [text]: "x" } }),
      read: of(settings),
      expected: (text, found) => sameParameter(text, found),
      adds: () => ({ pg_db_role_setting: 1 }),
    },
  ];
}
