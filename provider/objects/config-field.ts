/** Configuration as an attribute: `ALTER … SET`, `pg_db_role_setting`. */

import { type Config, config, configByDatabase, configChanges, parameterName } from "../config";
import type { Field, Observed, Statement } from "../definition";
import { folded } from "../parameters";
import { identifier, type Sql, sql } from "../sql";
import { fromJson, type Json } from "../values";

/** The parameters set for a role, or for a database. */
export function configField(kind: string): Field {
  return {
    value: config,
    change: "update",
    default: {},
    statements: ({ target, observed, value }) => changes(target, configIn(observed, "config"), value as Config),
    postgres: `ALTER ${kind} … SET, pg_db_role_setting`,
  };
}

/** The parameters set for a role in single databases. */
export function configInDatabaseField(): Field {
  return {
    value: configByDatabase,
    change: "update",
    default: {},
    statements: ({ target, observed, value }) => {
      const [before, after] = [configIn(observed, "configInDatabase"), value] as Record<string, Config>[];
      const databases = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
      return databases.flatMap((name) =>
        changes(sql`${target} IN DATABASE ${identifier(name)}`, before?.[name] ?? {}, after?.[name] ?? {}),
      );
    },
    postgres: "ALTER ROLE … IN DATABASE … SET, pg_db_role_setting",
  };
}

/** The expression that reads `setconfig` as json, of a role or a database in general. */
export function configColumn(role: string, database: string): string {
  return `(SELECT to_json(s.setconfig) FROM pg_catalog.pg_db_role_setting s
            WHERE s.setdatabase = ${database} AND s.setrole = ${role})`;
}

/** Reads such a column. */
export function entriesOf(column: unknown): string[] | null {
  return column === null ? null : fromJson<string[]>(column);
}

function configIn(observed: Observed | undefined, attribute: string): Config {
  return (observed?.values[attribute] as Config | undefined) ?? {};
}

function changes(target: Sql, before: Config, after: Config): Statement[] {
  const { set, reset } = configChanges(before, after);
  return [
    ...reset.map((name) => ({ sql: sql`ALTER ${target} RESET ${parameterName(plain(name))}` })),
    ...set.map(([name, value]) => ({ sql: sql`ALTER ${target} SET ${parameterName(name)} TO ${value}` })),
  ];
}

/** PostgreSQL's own parameters by one name, however the server or the program spells it. */
function plain(name: string): string {
  return name.includes(".") ? name : folded(name);
}

/** The type of a configuration as json. */
export function asJson(value: Config | Record<string, Config>): Json {
  return value as Json;
}
