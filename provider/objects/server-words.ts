/** What the server writes of an object, in the same words whatever the session's settings are. */

import { join, keyword, type Sql, sql } from "../sql";

/** Settings that its words depend on, as they are while it writes. With an empty search_path, every name is qualified. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ["search_path", ""],
  ["quote_all_identifiers", "off"],
  ["datestyle", "ISO, YMD"],
  ["intervalstyle", "postgres"],
  ["timezone", "UTC"],
  ["extra_float_digits", "1"],
  ["bytea_output", "hex"],
];

const set = (name: string, value: Sql) => sql`pg_catalog.set_config(${name}, ${value}, true)`;
const change = join(SETTINGS.map(([name, value]) => set(name, sql`${value}`)));
const restore = join(SETTINGS.map(([name]) => set(name, sql`settings.${keyword(name)}`)));
const now = join(SETTINGS.map(([name]) => sql`pg_catalog.current_setting(${name}) AS ${keyword(name)}`));

/** Stands in FROM beside {@link inServerWords}: the settings of the session. OFFSET keeps them from being read later. */
export const SESSION_SETTINGS = sql`(SELECT ${now} OFFSET 0) AS settings`;

/**
 * An expression of type text, evaluated under settings of its own: in one statement, so that it works in any transaction
 * and with any pool, and leaves nothing behind.
 */
export function inServerWords(expression: Sql): Sql {
  return sql`CASE WHEN pg_catalog.concat(${change}) IS NOT NULL
                  THEN (${expression}) || pg_catalog.left(pg_catalog.concat(${restore}), 0) END`;
}
