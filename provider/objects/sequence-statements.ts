/** The statements that create, change and drop a sequence. */

import type { Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import { differences, pathOf } from "../fields";
import { bigintOf } from "../int64";
import { refuseOwnerWithoutSchema, withRightsOf, withSchema } from "../rights";
import { identifier, join, type Sql, sql } from "../sql";
import {
  alterClauses,
  alterStatements,
  createClauses,
  createStatements,
  ownerTo,
  renameTo,
  targetOf,
  textOf,
} from "./common";
import { inSchema, refuseTearing } from "./sequence-column";
import { KIND, sequenceTable } from "./sequence-fields";
import { rangeChanges } from "./sequence-range";

const { fields } = sequenceTable;

/** CREATE, and what takes a statement of its own. */
export function create(desired: Values, facts: Facts): Statement[] {
  const { owner, unlogged, ownedBy, ...values } = desired;
  const [schema, name] = pathOf(sequenceTable, desired) as [string, string];
  const target = targetOf(KIND, schema, name);
  const column = inSchema(ownedBy, schema);
  const belongs = column === null ? [] : alterClauses(fields, () => true, { ownedBy: column });
  const created = targetOf(unlogged === true ? `UNLOGGED ${KIND}` : KIND, schema, name);
  const clauses = [sql`CREATE ${created}`, ...createClauses(fields, values)];
  const own = createStatements(fields, target, values, facts);
  if (typeof owner !== "string" || owner === facts.server.user) {
    const statements = [{ sql: join([...clauses, ...belongs], " ") }, ...own];
    return withRightsOf(withSchema([], schema, "create", facts), facts, statements);
  }
  refuseOwnerWithoutSchema(owner, schema, facts);
  // The column can only be one of the owner's tables, so that the sequence is handed over first.
  const statements = [
    { sql: join(clauses, " ") },
    ownerTo(target, owner),
    ...belongs.map((clause) => ({ sql: sql`ALTER ${target} ${clause}` })),
    ...own,
  ];
  return withRightsOf(withSchema([owner], schema, "create", facts), facts, statements);
}

/** All attributes in one ALTER, but for those that it has a form of its own for. */
export function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(sequenceTable, observed, desired);
  const [schemaBefore, nameBefore] = pathOf(sequenceTable, observed.values) as [string, string];
  const schema = textOf(desired, "schema") ?? schemaBefore;
  const name = textOf(desired, "name") ?? nameBefore;
  const moved = ["schema", "owner"].filter((attribute) => changed.has(attribute));
  refuseTearing(observed, moved, desired.ownedBy);
  const torn = observed.values.ownedBy !== null && moved.length > 0;

  const statements: Statement[] = [];
  const before = targetOf(KIND, schemaBefore, nameBefore);
  if (torn) statements.push({ sql: sql`ALTER ${before} OWNED BY NONE` });
  if (changed.has("schema")) statements.push({ sql: sql`ALTER ${before} SET SCHEMA ${identifier(schema)}` });
  if (changed.has("name")) statements.push(renameTo(targetOf(KIND, schema, nameBefore), name));
  const target = targetOf(KIND, schema, name);
  if (changed.has("owner")) {
    refuseOwnerWithoutSchema(String(desired.owner), schema, facts);
    statements.push(ownerTo(target, String(desired.owner)));
  }

  const ownedBy = inSchema(desired.ownedBy, schema);
  const own: Values = Object.fromEntries(
    ["cache", "cycle"].flatMap((one) => (changed.has(one) ? [[one, desired[one] ?? null]] : [])),
  );
  if (torn ? ownedBy !== null : changed.has("ownedBy")) own.ownedBy = ownedBy;
  const clauses = alterClauses(fields, () => true, { ...rangeChanges(observed, desired), ...own });
  if (desired.restartTrigger !== undefined) clauses.push(restart(desired));
  if (clauses.length > 0) statements.push({ sql: join([sql`ALTER ${target}`, ...clauses], " ") });
  statements.push(...alterStatements(fields, target, changed, observed, desired, facts));
  if (statements.length === 0) return [];

  const owners = [String(observed.values.owner), ...(changed.has("owner") ? [String(desired.owner)] : [])];
  const right = changed.has("schema") || changed.has("name") ? "create" : "usage";
  const roles = withSchema(withSchema(owners, schemaBefore, "usage", facts), schema, right, facts);
  return withRightsOf(roles, facts, statements);
}

function restart({ restartWith = null }: Values): Sql {
  return restartWith === null ? sql`RESTART` : sql`RESTART WITH ${bigintOf(restartWith)}`;
}

/** DROP. */
export function drop(observed: Observed, options: Values, facts: Facts): Statement[] {
  const [schema, name] = pathOf(sequenceTable, observed.values) as [string, string];
  const cascade = options.dropCascade === true ? sql` CASCADE` : sql``;
  const roles = withSchema([String(observed.values.owner)], schema, "usage", facts);
  return withRightsOf(roles, facts, [{ sql: sql`DROP ${targetOf(KIND, schema, name)}${cascade}` }]);
}
