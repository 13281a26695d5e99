/** The statements that create, change and drop a sequence. */

import type { Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import { differences, pathOf } from "../fields";
import { bigintOf } from "../int64";
import { join, type Sql, sql } from "../sql";
import { alterClauses, alterStatements, createClauses, createStatements, ownerTo, targetOf, textOf } from "./common";
import { alterInSchema, createInSchema, dropInSchema, type TargetOf } from "./in-schema";
import { inSchema, refuseTearing } from "./sequence-column";
import { KIND, sequenceTable } from "./sequence-fields";
import { rangeChanges } from "./sequence-range";

const { fields } = sequenceTable;
const called: TargetOf = (_observed, schema, name) => targetOf(KIND, schema, name);

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
  if (typeof owner !== "string" || owner === facts.server.user)
    return createInSchema(desired, schema, facts, [{ sql: join([...clauses, ...belongs], " ") }, ...own]);
  // The column can only be one of the owner's tables, so that the sequence is handed over first.
  return createInSchema(desired, schema, facts, [
    { sql: join(clauses, " ") },
    ownerTo(target, owner),
    ...belongs.map((clause) => ({ sql: sql`ALTER ${target} ${clause}` })),
    ...own,
  ]);
}

/** All attributes in one ALTER, but for those that it has a form of its own for. */
export function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const moves = differences(sequenceTable, observed, desired);
  const moved = ["schema", "owner"].filter((attribute) => moves.has(attribute));
  refuseTearing(observed, moved, desired.ownedBy);
  const torn = observed.values.ownedBy !== null && moved.length > 0;
  const [schema, name] = pathOf(sequenceTable, observed.values) as [string, string];
  const letGo = torn ? [{ sql: sql`ALTER ${called(observed, schema, name)} OWNED BY NONE` }] : [];
  const column = inSchema(desired.ownedBy, textOf(desired, "schema") ?? schema);
  const rest = (target: Sql, changed: ReadonlySet<string>): Statement[] => {
    const own: Values = Object.fromEntries(
      ["cache", "cycle"].flatMap((one) => (changed.has(one) ? [[one, desired[one] ?? null]] : [])),
    );
    if (torn ? column !== null : changed.has("ownedBy")) own.ownedBy = column;
    const clauses = alterClauses(fields, () => true, { ...rangeChanges(observed, desired), ...own });
    if (desired.restartTrigger !== undefined) clauses.push(restart(desired));
    const altered = clauses.length === 0 ? [] : [{ sql: join([sql`ALTER ${target}`, ...clauses], " ") }];
    return [...altered, ...alterStatements(fields, target, changed, observed, desired, facts)];
  };
  return alterInSchema(sequenceTable, called, observed, desired, facts, rest, letGo);
}

function restart({ restartWith = null }: Values): Sql {
  return restartWith === null ? sql`RESTART` : sql`RESTART WITH ${bigintOf(restartWith)}`;
}

/** DROP. */
export function drop(observed: Observed, options: Values, facts: Facts): Statement[] {
  return dropInSchema(sequenceTable, called, observed, options, facts);
}
