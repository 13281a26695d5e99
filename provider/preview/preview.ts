/** What a preview says of a resource beyond its properties: the SQL, and what the server would object to. */

import { diffInputs } from "../check";
import type { CheckFailure, ObjectType, Observed, Values } from "../definition";
import type { Facts } from "../facts";
import { declaredOf, takesOver } from "../fields";
import type { Host } from "../host";
import { type ConnectionSettings, resolveSettings } from "../settings";
import { systemUser } from "../user-files";
import { isReplaced } from "./replaced";
import { type PreviewSettings, resolvePreview } from "./settings";

/** The input that holds the SQL. */
export const SQL_KEY = "sql";

/** What is added to inputs, and what is wrong with them. */
export interface Previewed {
  readonly sql?: string;
  readonly failures: CheckFailure[];
}

/** Looks ahead. Nobody is asked unless `previewChecks` is set. */
export async function lookAhead(
  type: ObjectType,
  olds: Values,
  news: Values,
  given: ConnectionSettings & PreviewSettings,
  host: () => Promise<Host>,
): Promise<Previewed> {
  const { showSql, previewChecks } = resolvePreview(given);
  if (!showSql && !previewChecks) return { failures: [] };
  const isNew = Object.keys(declaredOf(type, olds)).length === 0;
  if (!isNew && diffInputs(type, olds, news).changes === false)
    return { failures: [], ...(showSql && typeof olds.sql === "string" ? { sql: olds.sql } : {}) };
  const declared = { olds: declaredOf(type, olds), news: declaredOf(type, news) };
  const look = previewChecks
    ? await (await import("./ask.js")).ask(type, declared, isNew, await host(), isReplaced(type, declared.news, given))
    : await assume(type, declared, isNew, given);
  if (!showSql || look.failures.length > 0) return { failures: look.failures };
  const { describe } = await import("./describe.js");
  const lines = await describe({ type, ...declared, ...look });
  return { sql: apart(olds.sql, lines), failures: [] };
}

/**
 * The engine shows texts of several lines as a difference of lines. None of what was sent the last time shall look like a
 * line that stays.
 */
function apart(before: Values[string] | undefined, lines: readonly string[]): string {
  const indent = typeof before === "string" && !before.startsWith(" ") ? " " : "";
  return lines.map((line) => indent + line).join("\n");
}

/** What is known of the server. */
export interface Look {
  readonly observed: Observed | undefined;
  readonly facts: Facts;
  readonly perhapsAdopted: boolean;
  /** Values of the key as the server spells them, where it was asked. */
  readonly spelled: Values;
  readonly failures: CheckFailure[];
}

/** What is declared, and was declared before. */
export interface Declarations {
  readonly olds: Values;
  readonly news: Values;
}

async function assume(
  type: ObjectType,
  { olds, news }: Declarations,
  isNew: boolean,
  given: ConnectionSettings,
): Promise<Look> {
  const { assumedFacts, assumedObject } = await import("./assume.js");
  const { user, become, database: home } = resolveSettings(given, process.env, systemUser());
  const database = type.perDatabase ? String(news.database ?? home) : home;
  const facts = assumedFacts(become ?? user, home, database);
  const perhapsAdopted = isNew && takesOver(type, news);
  // What is only found is taken to be there, as PostgreSQL makes it.
  const taken = type.found ? Object.fromEntries(type.key.map((name) => [name, news[name] ?? null])) : undefined;
  const before = isNew ? taken : olds;
  const observed = before && assumedObject(type, before, facts, news);
  return { observed, facts, perhapsAdopted, spelled: {}, failures: [] };
}
