/** What arguments of several types have in common: which texts they take, and what there must be before. */

import fc from "fast-check";
import type { Json } from "../../../provider/values";
import { hostileText, isNameable } from "../texts";
import type { Rows } from "../trial";

/** Names of what the trials need to be there. */
export interface Place {
  /** A database that is renamed, given away, and so on. */
  readonly database: string;
  /** The one that is connected to. */
  readonly home: string;
  /** A role that gets what others own. */
  readonly heir: string;
  /** A tablespace that is renamed. */
  readonly tablespace: string;
}

const ROLE_RESERVED = /^(pg_|public$|none$)/;

/** Whether a role can be called so. */
export const isRoleName = (text: string) => isNameable(text) && !ROLE_RESERVED.test(text);

/** Whether a schema can be called so. */
export const isSchemaName = (text: string) => isNameable(text) && !text.startsWith("pg_");

/** Roles that can be named, but that nobody can have created. */
export const noSuchRole = (text: string) => (ROLE_RESERVED.test(text) ? "role .* does not exist" : undefined);

/** Makes the role that a text names, where there can be one. */
export const role = (text: string): [string, string][] => (ROLE_RESERVED.test(text) ? [] : [["CREATE ROLE %I", text]]);

/** Makes the schema that a text names, where it is not there. */
export const schema = (text: string): [string, string][] => (text === "public" ? [] : [["CREATE SCHEMA %I", text]]);

/** An empty comment is none. */
export const comment = (text: string) => (text === "" ? null : text);

/** Adds no row to any catalogue. */
export const nothing = (): Rows => ({});

const isParameterName = (text: string) =>
  /^[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*(\.[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*)+$/u.test(
    text,
  );

/** Of names without a dot, the server has none that is tried; others have to be names, part by part. */
export const badParameter = (text: string) =>
  isParameterName(text) ? undefined : "unrecognized configuration parameter|invalid configuration parameter name";

/** Names of parameters, and what is none. */
export const parameterTexts = fc.oneof(
  hostileText.filter((text) => text !== "role"),
  hostileText.map((text) => `app.${text}`),
  fc.string({ unit: fc.constantFrom(..."aZ_$9éß漢🐘."), minLength: 2, maxLength: 30 }).map((text) => `a${text}.z`),
);

/** Whether each part can be written as a name. */
export const isParameterArgument = (text: string) => text.split(".").every(isNameable);

/** A parameter that was set before in a session keeps the capitals that it had then. */
export const sameParameter = (text: string, found: Json | undefined): Json =>
  String(found).toLowerCase() === `${text}=x`.toLowerCase() ? (found ?? null) : [`${text}=x`];

/** A `search_path` of one name as the server keeps it: quoted where it has to be. */
export const asNameList = (text: string, found: Json | undefined): Json => {
  const quoted = `search_path="${text.replaceAll('"', '""')}"`;
  return /^[a-z_][a-z0-9_]*$/.test(text) && String(found) === `search_path=${text}`
    ? [`search_path=${text}`]
    : [quoted];
};
