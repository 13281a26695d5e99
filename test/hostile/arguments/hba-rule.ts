/** The arguments of HBA rules. */

import type fc from "fast-check";
import type { Values } from "../../../provider/definition";
import { OPTIONS } from "../../../provider/hba/methods";
import { isNameable, isStorable } from "../texts";
import { quotedName } from "./quoting";

const RULE: Values = { type: "local", databases: ["all"], users: ["all"], method: "reject" };
const KEYWORDS = ["all", "sameuser", "samerole", "replication"];

/** A rule as the server shows it (`pg_hba_file_rules`), without its line. */
interface Shown {
  readonly databases: string[];
  readonly users: string[];
  readonly options: string[] | null;
}

/** An argument of HBA rules, or a part of one. */
export interface HbaArgument {
  readonly name: string;
  readonly count: number;
  readonly texts?: fc.Arbitrary<string>;
  inputs(text: string): Values;
  accepts(text: string): boolean;
  /** What the server has to show otherwise than of any other rule. Default: nothing. */
  shown?(text: string, major: number): Partial<Shown>;
  /** Why a server of a version refuses it. Default: it does not. */
  refusal?(text: string, major: number): string | undefined;
  /**
   * The line as the test writes it. The server is asked what it makes of that, which is then what it has to make of the rule:
   * what it refuses there, it has to refuse of the rule as well.
   */
  line?(text: string): string;
  /** Whether the text is the name of a file, which is there where there can be one. */
  readonly ofFile?: true;
}

const isLine = (text: string) => isStorable(text) && !/[\r\n]/.test(text);
/** What stands behind managed rules, and would make another one of a rule that is released. */
const isMarked = (text: string) => / ?# pgmob name=[^\s#]+( order=-?\d+)?[ \t]*$/.test(text.trim());

/** A name as the server shows it: from 16 on, one that begins with a slash is a regular expression that matches only it. */
function asName(text: string, major: number): string {
  if (major < 16 || !(text.startsWith("/") || text.includes("\n"))) return text;
  return `/^${text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&").replaceAll("\n", "\\n")}$`;
}

const tooOld = (text: string, major: number) => (major < 16 && text.includes("\n") ? "needs PostgreSQL 16" : undefined);

/** In quotes as pg_hba.conf has them, which are those of names. */
const quoted = quotedName;
const isLineWith = (text: string) => isLine(text) && text !== "";

/** Items that are more than a name, of both lists. */
const ITEMS = (["users", "databases"] as const).flatMap((list): HbaArgument[] => {
  const base = { count: 60, accepts: isLineWith };
  const line = (item: string) => (list === "users" ? `local all ${item} reject` : `local ${item} all reject`);
  return [
    {
      ...{ ...base, name: `${list}[].regex`, inputs: (regex) => ({ ...RULE, [list]: [{ regex }] }) },
      line: (text) => line(quoted(`/${text}`)),
      refusal: (_, major) => (major < 16 ? "needs PostgreSQL 16" : undefined),
    },
    {
      ...{ ...base, name: `${list}[].file`, inputs: (file) => ({ ...RULE, [list]: [{ file }] }), ofFile: true },
      line: (text) => line(`@${quoted(text)}`),
    },
  ];
});

/** What a method needs beside the option. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  radius: { radiusservers: "127.0.0.1", radiussecrets: "secret" },
  oauth: { issuer: "https://example.com", scope: "openid" },
  ldap: { ldapserver: "127.0.0.1", ldapbasedn: "dc=example" },
};

/** The values of all options but `map`, which is tried without asking. */
const OPTION_VALUES = Object.entries(OPTIONS)
  .filter(([name]) => name !== "map")
  .map(([name, [method = "scram-sha-256"] = []]): HbaArgument => {
    const type = OPTIONS[name] === undefined ? "hostssl" : "host";
    const options = (text: string) => ({ ...BESIDE[method], [name]: text });
    return {
      ...{ name: `options.${name}`, count: method in BESIDE && method !== "ldap" ? 40 : 12, accepts: isLine },
      inputs: (text) => ({ ...RULE, type, address: "10.0.0.0/8", method, options: options(text) }),
      refusal: (_, major) => (method === "oauth" && major < 18 ? "oauth needs PostgreSQL 18" : undefined),
      line: (text) => {
        const words = Object.entries(options(text)).map(([option, value]) => quoted(`${option}=${value}`));
        return `${type} all all 10.0.0.0/8 ${method} ${words.join(" ")}`;
      },
    };
  });

/** Every argument of HBA rules. */
export const HBA_ARGUMENTS: readonly HbaArgument[] = [
  {
    name: "name",
    count: 210,
    inputs: (name) => ({ ...RULE, name }),
    accepts: (text) => isStorable(text) && text !== "",
  },
  {
    ...{ name: "comment", count: 240, accepts: (text) => isLine(text) && !isMarked(text) },
    inputs: (comment) => ({ ...RULE, comment }),
  },
  {
    ...{ name: "users[]", count: 180, refusal: tooOld, inputs: (text) => ({ ...RULE, users: [text] }) },
    accepts: (text) => isNameable(text) && (text === "all" || !KEYWORDS.includes(text)),
    shown: (text, major) => ({ users: [asName(text, major)] }),
  },
  {
    ...{ name: "users[].name", count: 100, refusal: tooOld, inputs: (name) => ({ ...RULE, users: ["x", { name }] }) },
    accepts: isNameable,
    shown: (text, major) => ({ users: ["x", asName(text, major)] }),
  },
  {
    ...{ name: "users[].group", count: 100, inputs: (group) => ({ ...RULE, users: [{ group }] }) },
    accepts: (text) => isNameable(text) && isLine(text),
    shown: (text) => ({ users: [`+${text}`] }),
  },
  {
    ...{ name: "databases[]", count: 180, refusal: tooOld, inputs: (text) => ({ ...RULE, databases: [text] }) },
    accepts: isNameable,
    shown: (text, major) => ({ databases: [asName(text, major)] }),
  },
  {
    ...{
      name: "databases[].name",
      count: 100,
      refusal: tooOld,
      inputs: (name) => ({ ...RULE, databases: [{ name }] }),
    },
    accepts: isNameable,
    shown: (text, major) => ({ databases: [asName(text, major)] }),
  },
  {
    ...{ name: "options.map", count: 140, inputs: (map) => ({ ...RULE, method: "peer", options: { map } }) },
    accepts: isLine,
    shown: (text) => ({ options: [`map=${text}`] }),
  },
  {
    ...{
      name: "options (keys)",
      count: 50,
      inputs: (text) => ({ ...RULE, method: "peer", options: { [text]: "x" } }),
    },
    accepts: (text) => text === "map",
  },
  ...ITEMS,
  ...OPTION_VALUES,
  { name: "type", count: 40, inputs: (type) => ({ ...RULE, type }), accepts: () => false },
  { name: "method", count: 40, inputs: (method) => ({ ...RULE, method }), accepts: () => false },
  {
    name: "netmask",
    count: 40,
    inputs: (netmask) => ({ ...RULE, type: "host", address: "10.0.0.0", netmask }),
    accepts: () => false,
  },
  {
    ...{ name: "address", count: 60, inputs: (address) => ({ ...RULE, type: "host", address }) },
    accepts: (text) => /^\.?\w([\w.-]*\w)?\.?$/.test(text) && !/^(\.?[\d.]+$|0x)/i.test(text),
  },
  // There is no rule of that name, which is no error: the order is what counts then.
  ...["before", "after"].map((name) => ({
    ...{ name, count: 60, inputs: (text: string): Values => ({ ...RULE, order: null, [name]: text }) },
    accepts: (text: string) => isStorable(text) && text !== "",
  })),
];
