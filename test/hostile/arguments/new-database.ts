/** The arguments of databases that count when one is created, which no transaction can take back: the server refuses each. */

import type { Values } from "../../../provider/definition";
import { isNameable, isStorable } from "../texts";

/** An argument of a new database. */
export interface NewDatabaseArgument {
  readonly name: string;
  readonly count: number;
  /** From which version on there is such a thing. Default: all. */
  readonly since?: number;
  accepts(text: string): boolean;
  /** What is declared beside the name. */
  inputs(text: string): Values;
  /** What the server says: of a text that it has read as one. */
  says(text: string): string;
}

/** Refused once the whole statement has been read. */
const NO_TEMPLATE = 'template database "no such" does not exist';
const known = (words: RegExp) => (text: string) => words.test(text);

/** Every such argument. */
export const NEW_DATABASE_ARGUMENTS: readonly NewDatabaseArgument[] = [
  {
    ...{ name: "template", count: 90, accepts: isNameable, inputs: (template) => ({ template }) },
    says: (text) => `template database "${text}" does not exist`,
  },
  {
    ...{ name: "tablespace", count: 90, accepts: isNameable, inputs: (tablespace) => ({ tablespace }) },
    says: (text) => `tablespace "${text}" does not exist`,
  },
  ...["locale", "lcCollate", "lcCtype"].map((name) => ({
    ...{ name, count: 60, accepts: (text: string) => isStorable(text) && text !== "", says: () => NO_TEMPLATE },
    inputs: (text: string): Values => ({ template: "no such", [name]: text }),
  })),
  {
    ...{ name: "builtinLocale", count: 60, since: 17, accepts: (text) => isStorable(text) && text !== "" },
    inputs: (builtinLocale) => ({ template: "no such", builtinLocale }),
    says: () => NO_TEMPLATE,
  },
  ...(["icuRules", "collationVersion"] as const).map((name) => ({
    ...{ name, count: 60, since: name === "icuRules" ? 16 : 15, accepts: isStorable, says: () => NO_TEMPLATE },
    inputs: (text: string): Values => ({ template: "no such", [name]: text }),
  })),
  ...Object.entries({
    encoding: known(/^(UTF-?8|SQL_ASCII|LATIN1)$/i),
    localeProvider: known(/^(libc|icu|builtin)$/),
    strategy: known(/^(wal_log|file_copy)$/),
  }).map(([name, accepts]) => ({
    ...{ name, count: 50, accepts, says: () => NO_TEMPLATE },
    inputs: (text: string): Values => ({ template: "no such", [name]: text }),
  })),
];
