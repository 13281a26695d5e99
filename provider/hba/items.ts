/** Databases and users in a rule: names that stay names, keywords, groups, regular expressions and files. */

import { type Bytes, bytesOf, textOf } from "./bytes";
import { isFileToken, isWord, quote, type Token } from "./tokens";
import type { HbaUser } from "./types";

/** The list that an item stands in. */
export type Column = "databases" | "users";

/** The words that text stands for itself in: every other text is a name. */
export const KEYWORDS: readonly string[] = ["all", "sameuser", "samerole", "replication"];

/** The version from which on a value that begins with a slash is a regular expression, quoted or not. */
export const REGEX_SINCE = 16;

/** Whether a keyword means something in a list; among users only `all` does. */
export function isKeyword(word: string, column: Column): boolean {
  return column === "databases" ? KEYWORDS.includes(word) : word === "all";
}

/** An item as the server of a version reads back just it. The item must have passed the checks. */
export function renderItem(item: HbaUser, major: number): Bytes {
  if (typeof item === "string") return KEYWORDS.includes(item) ? item : renderName(item, major);
  if ("name" in item) return renderName(item.name, major);
  if ("group" in item) return `+${bareOrQuoted(item.group)}`;
  if ("regex" in item) return quote(`/${bytesOf(item.regex)}`);
  return `@${bareOrQuoted(item.file)}`;
}

/** What a token means to a server of a version. */
export function readItem(token: Token, column: Column, major: number): HbaUser {
  const value = textOf(token.value);
  if (isFileToken(token)) return { file: value.slice(1) };
  if (column === "users" && !token.quoted && value.startsWith("+")) return { group: value.slice(1) };
  if (column === "databases" && isWord(token, "samegroup")) return "samerole"; // its name of old
  if (!token.quoted && isKeyword(value, column)) return value;
  if (major >= REGEX_SINCE && value.startsWith("/")) return nameOfRegex(value.slice(1)) ?? { regex: value.slice(1) };
  return asName(value);
}

/** A name as an item: in braces when it is also a keyword. */
function asName(name: string): HbaUser {
  return KEYWORDS.includes(name) ? { name } : name;
}

function renderName(name: string, major: number): Bytes {
  return major >= REGEX_SINCE && needsRegex(name) ? quote(`/${bytesOf(regexOfName(name))}`) : bareOrQuoted(name);
}

/** Whether a name cannot be written as it is: quotes do not keep a slash from beginning a regular expression. */
function needsRegex(name: string): boolean {
  return name.startsWith("/") || name.includes("\n");
}

function regexOfName(name: string): string {
  return `^${name.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&").replaceAll("\n", "\\n")}$`;
}

/** The name that a regular expression of {@link regexOfName} stands for; undefined for any other expression. */
function nameOfRegex(regex: string): HbaUser | undefined {
  const name = regex.replace(/^\^|\$$/g, "").replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
  return needsRegex(name) && regexOfName(name) === regex ? asName(name) : undefined;
}

function bareOrQuoted(value: string): Bytes {
  const bare = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(value) && !KEYWORDS.includes(value) && value !== "samegroup";
  return bare ? value : quote(bytesOf(value));
}
