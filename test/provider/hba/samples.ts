/** Rules, names and files that the tests of this folder share. */

import fc from "fast-check";
import { bytesOf } from "../../../provider/hba/bytes";
import { HbaDocument } from "../../../provider/hba/document";
import { observeRules } from "../../../provider/hba/plan";
import type { HbaRule, ManagedHbaRule } from "../../../provider/hba/types";
import { HOSTILE_NAMES } from "../samples";

/** A rule that is fine, with something else where told. */
export function rule(changes: Partial<ManagedHbaRule> = {}): ManagedHbaRule {
  return {
    name: "app",
    type: "hostssl",
    databases: ["shop"],
    users: ["app"],
    address: "10.0.0.0/8",
    method: "scram-sha-256",
    ...changes,
  };
}

/** A rule of the Unix socket, with something else where told. */
export function localRule(changes: Partial<HbaRule> = {}): HbaRule {
  return { type: "local", databases: ["all"], users: ["all"], method: "peer", ...changes };
}

/** A rule by which a role gets in without a password. */
export function letIn(name: string, changes: Partial<ManagedHbaRule> = {}): ManagedHbaRule {
  return {
    name,
    type: "host",
    databases: ["all"],
    users: [name],
    address: "127.0.0.1/32",
    method: "trust",
    order: -1,
    ...changes,
  };
}

/** A short rule, where it matters what becomes of its line and not what it says. */
export function shortRule(name: string, changes: Partial<ManagedHbaRule> = {}): ManagedHbaRule {
  return { name, type: "local", databases: ["all"], users: [name], method: "peer", ...changes };
}

/** The line of a short rule. */
export function shortLine(name: string, place = " order=0"): string {
  return `local all ${name} peer # pgmob name=${name}${place}\n`;
}

/** The names of managed rules in the order of the file; those out of place with a mark. */
export function placesOf(document: HbaDocument): string {
  return observeRules(document)
    .map(({ name, inPlace }) => (inPlace ? name : `${name}!`))
    .join(" ");
}

/** Names that a rule must never take for anything else. */
export const HOSTILE: readonly string[] = [
  ...HOSTILE_NAMES.filter((name) => !name.includes("\n")),
  "+group",
  "/regex",
  "/.*",
  "/naïve [é]",
  "@file",
  "a,b",
  "a b",
  " leading",
  "#comment",
  "a#b",
  "tab\there",
  "return\rhere",
  '"quoted"',
  '""',
  "ends in \\",
  "/^x$",
  "/\\^x\\$",
  "samegroup",
  "include",
  "-n",
  "~",
];

/** Any name that is 1 to 63 bytes long, awkward ones most of all. */
export const anyName = fc
  .string({
    unit: fc.constantFrom(..."ab /+@,#\"\\'%$^.*[]()|?{}-=\t\r\néñ🐘".match(/./gsu)!),
    minLength: 1,
    maxLength: 20,
  })
  .filter((name) => Buffer.byteLength(name) <= 63);

/** A document of a text, for PostgreSQL 18 unless told otherwise. */
export function documentOf(text: string, major = 18): HbaDocument {
  return new HbaDocument(bytesOf(text), major);
}

const PIECES = [
  "host all all 10.0.0.0/8 md5",
  "local all all peer",
  'host\tdb,"x y" all\tall md5 map=a # words',
  "host all all all trust \\",
  "# a comment",
  "# a comment \\",
  "#host all all all trust",
  "",
  "   ",
  "\\",
  'include "more.conf"',
  '@include "more.conf"',
  "nonsense",
  'local "all',
  "local all caf\xe9 trust",
  "local all all\0 trust",
  "# pgmob name=%",
  "local all all peer # pgmob name=%zz order=1",
];

/** A line of somebody else, without its end. */
const anyLine = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
  fc.string({ unit: fc.constantFrom(...'al# \t"\\,\r\xe9\0+/@'), maxLength: 12 }),
);

/** The bytes of a file that somebody else wrote, with every kind of line and of end. */
export const anyFile = fc
  .tuple(
    fc.array(fc.tuple(anyLine, fc.constantFrom("\n", "\n", "\r\n")), { maxLength: 12 }),
    fc.oneof(fc.constant(""), anyLine),
  )
  .map(([lines, last]) => lines.map(([line, end]) => line + end).join("") + last);
