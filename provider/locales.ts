/** Locales of databases, compared as the server means them. */

import type { ValueType } from "./values";
import { isText } from "./values";

/** A locale of the operating system or of PostgreSQL itself: `en_US.UTF-8` and `en_US.utf8` are one. */
export const locale: ValueType = {
  expects: "the name of a locale, such as en_US.UTF-8, C.UTF-8 or C",
  accepts: (value) => isText(value) && value !== "",
  normalise: (value) => {
    if (value === "POSIX") return "C";
    const match = /^([^.@]+)\.([^@]+)(@.*)?$/.exec(value as string);
    if (match === null) return value;
    const [, language, codeset = "", modifier = ""] = match;
    return `${language}.${codeset.toLowerCase().replace(/[^a-z0-9]/g, "")}${modifier}`;
  },
};

/** A locale of PostgreSQL's own provider: `C`, `C.UTF-8`, `PG_UNICODE_FAST`. */
export const builtinLocale: ValueType = {
  expects: "the name of a builtin locale: C, C.UTF-8 or PG_UNICODE_FAST",
  accepts: locale.accepts,
  normalise: (value) => (/^c\.utf-?8$/i.test(value as string) ? "C.UTF-8" : value),
};

/** A locale of ICU, as a language tag: `en-US`, `en_us` and `en-us` are one. */
export const icuLocale: ValueType = {
  expects: "a language tag (BCP 47), such as en-US, und or de-u-co-phonebk",
  accepts: (value) => isText(value) && languageTag(value) !== undefined,
  normalise: (value) => languageTag(value as string) ?? value,
};

function languageTag(text: string): string | undefined {
  if (text.toLowerCase() === "root") return "und"; // ICU's own word for no language
  try {
    return Intl.getCanonicalLocales(text.replaceAll("_", "-"))[0];
  } catch {
    return undefined;
  }
}
