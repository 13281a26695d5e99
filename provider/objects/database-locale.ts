/** The encoding and locale of a database: given when it is created, never changed afterwards. */

import type { CheckFailure, Field, Observed, Values } from "../definition";
import type { Facts, ServerFacts } from "../facts";
import { builtinLocale, icuLocale, locale } from "../locales";
import { sql } from "../sql";
import { encoding, oneOf, sameValue, text } from "../values";
import { clauseField, textOf } from "./common";

/** Encoding and locale of a database as the server shows them. */
export interface DatabaseLocale {
  /**
   * Character encoding (`ENCODING`), in any spelling the server knows. Default: the template's. It cannot be changed in
   * place: a change is refused unless `allowReplace` is set.
   */
  encoding?: string;
  /**
   * Where collations come from (`LOCALE_PROVIDER`): `libc`, `icu` (15 and newer) or `builtin` (17 and newer). Default: the
   * template's. It cannot be changed in place.
   */
  localeProvider?: "libc" | "icu" | "builtin";
  /** Collation of the operating system (`LC_COLLATE`). Default: the template's. It cannot be changed in place. */
  lcCollate?: string;
  /** Character classes of the operating system (`LC_CTYPE`). Default: the template's. It cannot be changed in place. */
  lcCtype?: string;
  /** Locale of ICU as a language tag (`ICU_LOCALE`, 15 and newer). It cannot be changed in place. */
  icuLocale?: string;
  /** Collation rules on top of ICU's (`ICU_RULES`, 16 and newer). It cannot be changed in place. */
  icuRules?: string;
  /** Locale of PostgreSQL's own provider (`BUILTIN_LOCALE`, 17 and newer). It cannot be changed in place. */
  builtinLocale?: string;
}

/** The fields of encoding and locale. */
export const localeFields = {
  encoding: {
    value: encoding,
    change: "guard",
    clause: (value) => sql`ENCODING ${String(encoding.normalise(value))}`,
    postgres: "ENCODING",
  },
  locale: clauseField("LOCALE", { value: locale, change: "guard" }),
  localeProvider: clauseField("LOCALE_PROVIDER", {
    value: oneOf("libc", "icu", "builtin"),
    change: "guard",
    since: [
      { version: 15, only: (value) => value === "icu", what: "`icu`" },
      { version: 17, only: (value) => value === "builtin", what: "`builtin`" },
    ],
  }),
  lcCollate: clauseField("LC_COLLATE", { value: locale, change: "guard" }),
  lcCtype: clauseField("LC_CTYPE", { value: locale, change: "guard" }),
  icuLocale: clauseField("ICU_LOCALE", { value: icuLocale, change: "guard", since: [{ version: 15 }] }),
  icuRules: clauseField("ICU_RULES", { value: text, change: "guard", since: [{ version: 16 }] }),
  builtinLocale: {
    value: builtinLocale,
    change: "guard",
    since: [{ version: 17 }],
    clause: (value) => sql`BUILTIN_LOCALE ${String(builtinLocale.normalise(value))}`,
    postgres: "BUILTIN_LOCALE",
  },
} satisfies Record<string, Field>;

/** The database that is copied where none is declared. */
export const DEFAULT_TEMPLATE = "template1";
const PRISTINE_TEMPLATE = "template0";

/** The template, where one must be named: another encoding or locale than template1's takes the pristine one. */
export function templateOf(desired: Values, facts: Facts): string | undefined {
  const declared = textOf(desired, "template");
  const wanted = Object.entries(localeFields).filter(([name]) => desired[name] !== undefined);
  if (declared !== undefined || wanted.length === 0) return declared;
  const template = facts.databases.get(DEFAULT_TEMPLATE)?.locale;
  if (template === undefined) return PRISTINE_TEMPLATE;
  const has: Values = { ...template, locale: localeSeen(template, desired) };
  const inherits = wanted.every(([name, field]) => sameValue(field.value, has[name] ?? null, desired[name] ?? null));
  return inherits ? undefined : PRISTINE_TEMPLATE;
}

/** `LOCALE` sets what LC_COLLATE and LC_CTYPE do not; it is compared with just these. */
export function localeSeen(values: Values, declared: Values): string | null {
  const covered = (["lcCollate", "lcCtype"] as const).filter((name) => declared[name] === undefined);
  const [first = textOf(declared, "locale"), second = first] = covered.map((name) => textOf(values, name));
  return first !== undefined && second !== undefined && sameValue(locale, first, second) ? first : null;
}

/** The desired values in clauses that the version takes: up to 15, LOCALE excludes LC_COLLATE and LC_CTYPE. */
export function forVersion({ localeProvider, ...desired }: Values, { major }: ServerFacts): Values {
  // Before 15 there is one provider, and no clause for it.
  const values = localeProvider === undefined || major < 15 ? desired : { ...desired, localeProvider };
  const { locale: both, ...others } = values;
  const { lcCollate = both, lcCtype = both } = values;
  const separate = both !== undefined && major < 16 && !(lcCollate === both && lcCtype === both);
  return separate ? ({ ...others, lcCollate, lcCtype } as Values) : values;
}

/** What a declared `locale` is compared with. */
export function seenLocale(observed: Observed, declared: Values): Values {
  return declared.locale === undefined ? {} : { locale: localeSeen(observed.values, declared) };
}

/** Locales of another provider than the declared one. */
export function checkLocale(values: Values): CheckFailure[] {
  const provider = values.localeProvider;
  if (provider !== "libc" && provider !== "icu" && provider !== "builtin") return [];
  const owners = { icuLocale: "icu", icuRules: "icu", builtinLocale: "builtin" };
  return Object.entries(owners).flatMap(([property, needed]) =>
    values[property] === undefined || provider === needed
      ? []
      : [{ property, reason: `needs localeProvider: "${needed}"` }],
  );
}
