/** The arguments of roles. */

import { UNKNOWN } from "../../../provider/unknown";
import { hostileLongText, hostileText, isNameable, isStorable } from "../texts";
import type { Argument, Rows } from "../trial";
import {
  asNameList,
  badParameter,
  comment,
  isParameterArgument,
  isRoleName,
  noSuchRole,
  type Place,
  parameterTexts,
  role,
  sameParameter,
} from "./common";

const SETTINGS = "(SELECT to_json(s.setconfig) FROM pg_catalog.pg_db_role_setting s WHERE s.setrole = r.oid)";
const ofRole = (value: string) =>
  `SELECT r.oid AS key, ${value} AS value FROM pg_catalog.pg_authid r WHERE r.oid = ANY ($1::oid[])`;

/** The arguments of roles. */
export function roles({ database, home, heir }: Place): Argument[] {
  const base = { type: "Role", texts: hostileText, adds: (): Rows => ({ pg_authid: 1 }) };
  const withSetting = (): Rows => ({ pg_authid: 1, pg_db_role_setting: 1 });
  const member = {
    ...base,
    needs: role,
    accepts: isNameable,
    refusal: noSuchRole,
    read: ofRole(
      "(SELECT to_json(g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid)",
    ),
    adds: (): Rows => ({ pg_authid: 1, pg_auth_members: 1 }),
  };
  const inDatabase = {
    ...base,
    alone: true as const,
    adds: (): Rows => ({ pg_authid: 1, pg_db_role_setting: 1 }),
  };
  const owns = (unique: string): [string, string, ...string[]][] => [
    ["CREATE ROLE %I", unique],
    ["CREATE SCHEMA %I AUTHORIZATION %I", unique, unique],
  ];
  const handOver = {
    ...base,
    deletes: true as const,
    keys: "names" as const,
    read: "SELECT nspname AS key, to_json(pg_get_userbyid(nspowner)) AS value FROM pg_namespace WHERE nspname = ANY ($1::name[])",
    adds: (): Rows => ({ pg_authid: -1 }),
  };
  return [
    {
      ...base,
      name: "name",
      count: 430,
      inputs: (name) => ({ name }),
      accepts: isRoleName,
      read: ofRole("to_json(r.rolname)"),
    },
    {
      ...base,
      ...{ name: "name (renamed)", count: 190, accepts: isRoleName, read: ofRole("to_json(r.rolname)") },
      before: (_, name) => ({ name }),
      inputs: (name) => ({ name }),
    },
    {
      ...base,
      ...{ name: "password", count: 60, unsent: "secret", accepts: (text) => isStorable(text) && text !== "" },
      inputs: (password, name) => ({ name, login: true, password }),
    },
    {
      ...base,
      ...{ name: "passwordVersion", count: 60, unsent: true, accepts: isStorable },
      inputs: (passwordVersion, name) => ({ name, password: "x", passwordVersion }),
    },
    {
      ...base,
      ...{ name: "validUntil", count: 100, accepts: (text) => /^(-?infinity|2030-01-01)$/.test(text) },
      inputs: (validUntil, name) => ({ name, validUntil }),
    },
    { ...member, name: "memberOf[]", count: 240, inputs: (text, name) => ({ name, memberOf: [text] }) },
    {
      ...member,
      ...{
        name: "memberOf[].role",
        count: 140,
        inputs: (text, name) => ({ name, memberOf: [{ role: text, admin: true }] }),
      },
    },
    {
      ...base,
      ...{ name: "config.*", count: 340, texts: hostileLongText, accepts: isStorable, adds: withSetting },
      inputs: (text, name) => ({ name, config: { "app.x": text } }),
      read: ofRole(SETTINGS),
      expected: (text) => [`app.x=${text}`],
    },
    {
      ...base,
      ...{
        name: "config (keys)",
        count: 340,
        texts: parameterTexts,
        accepts: isParameterArgument,
        refusal: badParameter,
      },
      inputs: (text, name) => ({ name, config: { [text]: "x" } }),
      read: ofRole(SETTINGS),
      expected: (text, found) => sameParameter(text, found),
      adds: withSetting,
    },
    {
      ...base,
      ...{ name: "config.search_path[]", count: 190, accepts: isStorable, adds: withSetting },
      inputs: (text, name) => ({ name, config: { search_path: [text] } }),
      read: ofRole(SETTINGS),
      expected: asNameList,
    },
    {
      ...base,
      ...{ name: "config.search_path", count: 140, accepts: isStorable, adds: withSetting },
      inputs: (text, name) => ({ name, config: { search_path: text } }),
    },
    {
      ...base,
      ...{ name: "config.application_name", count: 100, accepts: isStorable, adds: withSetting },
      inputs: (text, name) => ({ name, config: { application_name: text } }),
      read: ofRole(SETTINGS),
      expected: (text) => [`application_name=${text}`],
    },
    {
      ...inDatabase,
      ...{ name: "configInDatabase (keys)", count: 100, accepts: isNameable },
      needs: (text) => [["ALTER DATABASE %I RENAME TO %I", database, text]],
      inputs: (text, name) => ({ name, configInDatabase: { [text]: { "app.x": "y" } } }),
      read: ofRole(
        "(SELECT to_json(d.datname) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = r.oid)",
      ),
    },
    {
      ...inDatabase,
      ...{ name: "configInDatabase.*.*", count: 100, accepts: isStorable },
      inputs: (text, name) => ({ name, configInDatabase: { [database]: { "app.x": text } } }),
      read: ofRole(SETTINGS),
      expected: (text) => [`app.x=${text}`],
    },
    {
      ...inDatabase,
      ...{ name: "configInDatabase.* (keys)", count: 100, texts: parameterTexts, accepts: isParameterArgument },
      inputs: (text, name) => ({ name, configInDatabase: { [database]: { [text]: "x" } } }),
      read: ofRole(SETTINGS),
      refusal: badParameter,
      expected: (text, found) => sameParameter(text, found),
    },
    {
      ...inDatabase,
      ...{ name: "configInDatabase.*.search_path[]", count: 60, accepts: isStorable, expected: asNameList },
      inputs: (text, name) => ({ name, configInDatabase: { [database]: { search_path: [text] } } }),
      read: ofRole(SETTINGS),
    },
    {
      ...base,
      ...{ name: "comment", count: 430, texts: hostileLongText, accepts: isStorable },
      inputs: (comment, name) => ({ name, comment }),
      read: ofRole("to_json(shobj_description(r.oid, 'pg_authid'))"),
      expected: comment,
      adds: (text) => ({ pg_authid: 1, pg_shdescription: text === "" ? 0 : 1 }),
    },
    {
      ...handOver,
      ...{ name: "onDelete.reassignOwnedTo", count: 100, accepts: isNameable, refusal: noSuchRole },
      needs: (text, unique) => [...owns(unique), ...role(text)],
      inputs: (reassignOwnedTo, name) => ({ name, adopt: true, dropOnDelete: true, onDelete: { reassignOwnedTo } }),
    },
    {
      ...handOver,
      ...{ name: "onDelete.databases[]", count: 60, accepts: isNameable, expected: () => heir },
      needs: (_, unique) => owns(unique),
      inputs: (text, name) => ({
        ...{ name, adopt: true, dropOnDelete: true },
        onDelete: { reassignOwnedTo: heir, databases: [text, home] },
      }),
    },
    {
      ...base,
      ...{ name: "onDelete.databases", count: 50, accepts: () => false },
      texts: hostileText.filter((text) => text !== UNKNOWN && text !== "all"),
      inputs: (databases, name) => ({ name, onDelete: { reassignOwnedTo: heir, databases } }),
    },
    {
      ...base,
      ...{
        name: "customTimeouts.create",
        texts: hostileText.filter((text) => text !== UNKNOWN),
        count: 60,
        accepts: (text) => /^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text),
      },
      inputs: (create, name) => ({ name, customTimeouts: { create } }),
    },
  ];
}
