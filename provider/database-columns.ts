/** Encoding and locale of a database, by attribute, as expressions over a row `d` of pg_database. */

/** The expressions for a major version of PostgreSQL. */
export function localeColumns(major: number): Readonly<Record<string, string>> {
  const providers = "CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END";
  const icuLocale = major < 17 ? "d.daticulocale" : "CASE WHEN d.datlocprovider = 'i' THEN d.datlocale END";
  return {
    encoding: "pg_catalog.pg_encoding_to_char(d.encoding)::text",
    localeProvider: major < 15 ? "'libc'" : providers,
    lcCollate: "d.datcollate::text",
    lcCtype: "d.datctype::text",
    icuLocale: major < 15 ? "NULL::text" : icuLocale,
    icuRules: major < 16 ? "NULL::text" : "d.daticurules",
    builtinLocale: major < 17 ? "NULL::text" : "CASE WHEN d.datlocprovider = 'b' THEN d.datlocale END",
  };
}
