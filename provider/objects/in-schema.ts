/** What lives in a schema, and is moved, renamed, handed over and dropped in the same words whatever its kind. */

import type { Field, ObjectType, Observed, Statement, Values } from "../definition";
import { NotFoundError } from "../errors";
import type { Facts } from "../facts";
import { differences, pathOf } from "../fields";
import { refuseOwnerWithoutSchema, withRightsOf, withSchema } from "../rights";
import { identifier, type Sql, sql } from "../sql";
import { schemaName } from "../values";
import { ownerTo, renameTo, textOf } from "./common";

/** A name in the schema `public`, dots and all, or a name in another schema. */
export type NameInSchema = string | { readonly schema?: string; readonly name: string };

/** How statements call an object of a schema: `TABLE "sales"."orders"`. */
export type TargetOf = (observed: Observed, schema: string, name: string) => Sql;

const DEFAULT_SCHEMA = "public";

/** The schema that an object is in. Changed in place (`SET SCHEMA`). */
export function schemaField(kind: string): Field {
  return { value: schemaName, change: "update", default: DEFAULT_SCHEMA, postgres: `ALTER ${kind} … SET SCHEMA` };
}

/** What a plan depends on: the owners and the schemas, before and after. */
export const involved: Pick<ObjectType, "rolesInvolved" | "databasesInvolved" | "schemasInvolved"> = {
  rolesInvolved: (observed, desired) =>
    [textOf(desired, "owner"), textOf(observed?.values ?? {}, "owner")].filter((role) => role !== undefined),
  databasesInvolved: () => [],
  schemasInvolved: (observed, desired) => {
    const after = { ...observed?.values, ...desired };
    const own = [observed?.values ?? after, after].map((values) => textOf(values, "schema") ?? DEFAULT_SCHEMA);
    return [...own, ...(observed === undefined ? [] : namedSchemas(observed))];
  },
};

/** Schemas that statements name beside the object's own: those of argument types. */
function namedSchemas({ extra }: Observed): string[] {
  return (extra.schemas ?? []) as string[];
}

/** Roles, and with them those whose rights it takes to name the object and everything that its statements name. */
function withNames(roles: readonly string[], observed: Observed, facts: Facts): string[] {
  const schemas = [String(observed.values.schema), ...namedSchemas(observed)];
  return schemas.reduce((all, schema) => withSchema(all, schema, "usage", facts), [...roles]);
}

type Table = Pick<ObjectType, "fields" | "key" | "seen">;

/**
 * The statements that change an object: each calls it what it is called after the one before. `first` is what must be
 * done before it is moved.
 */
export function alterInSchema(
  type: Table,
  targetOf: TargetOf,
  observed: Observed,
  desired: Values,
  facts: Facts,
  rest: (target: Sql, changed: ReadonlySet<string>) => Statement[],
  first: readonly Statement[] = [],
): Statement[] {
  const changed = differences(type, observed, desired);
  const [schemaBefore, nameBefore] = pathOf(type, observed.values) as [string, string];
  const schema = textOf(desired, "schema") ?? schemaBefore;
  const name = textOf(desired, "name") ?? nameBefore;
  const target = targetOf(observed, schema, name);

  const statements: Statement[] = [...first];
  if (changed.has("schema")) {
    statements.push({
      sql: sql`ALTER ${targetOf(observed, schemaBefore, nameBefore)} SET SCHEMA ${identifier(schema)}`,
    });
  }
  if (changed.has("name")) statements.push(renameTo(targetOf(observed, schema, nameBefore), name));
  if (changed.has("owner")) {
    refuseOwnerWithoutSchema(String(desired.owner), schema, facts);
    statements.push(ownerTo(target, String(desired.owner)));
  }
  statements.push(...rest(target, changed));
  if (statements.length === 0) return [];

  const owners = [String(observed.values.owner), ...(changed.has("owner") ? [String(desired.owner)] : [])];
  const right = changed.has("schema") || changed.has("name") ? "create" : "usage";
  const roles = withSchema(withNames(owners, observed, facts), schema, right, facts);
  return withRightsOf(roles, facts, statements);
}

/** The statements that create an object, with the rights to create in its schema, and to make its owner one. */
export function createInSchema(desired: Values, schema: string, facts: Facts, statements: Statement[]): Statement[] {
  const owner = textOf(desired, "owner") ?? facts.server.user;
  if (owner === facts.server.user) return withRightsOf(withSchema([], schema, "create", facts), facts, statements);
  refuseOwnerWithoutSchema(owner, schema, facts);
  return withRightsOf(withSchema([owner], schema, "create", facts), facts, statements);
}

/** The statements that drop an object and create it anew, perhaps in another schema and for another owner. */
export function replaceInSchema(
  targetOf: TargetOf,
  observed: Observed,
  desired: Values,
  facts: Facts,
  statements: readonly Statement[],
): Statement[] {
  const { schema: schemaBefore, name: nameBefore, owner: ownerBefore } = observed.values;
  const [schema, owner] = [String(desired.schema), String(desired.owner)];
  if (owner !== ownerBefore) refuseOwnerWithoutSchema(owner, schema, facts);
  const roles = withSchema(withNames([String(ownerBefore), owner], observed, facts), schema, "create", facts);
  const dropped = { sql: sql`DROP ${targetOf(observed, String(schemaBefore), String(nameBefore))}` };
  return withRightsOf(roles, facts, [dropped, ...statements]);
}

/** DROP, which the server refuses while something depends on the object, unless `dropCascade` is set. */
export function dropInSchema(
  type: Table,
  targetOf: TargetOf,
  observed: Observed,
  options: Values,
  facts: Facts,
): Statement[] {
  const [schema, name] = pathOf(type, observed.values) as [string, string];
  const cascade = options.dropCascade === true ? sql` CASCADE` : sql``;
  const roles = withNames([String(observed.values.owner)], observed, facts);
  return withRightsOf(roles, facts, [{ sql: sql`DROP ${targetOf(observed, schema, name)}${cascade}` }]);
}

/** What to do about what still depends on an object; the server's own message lists it. */
export function dependentsRemedy({ code }: { readonly code?: string }, intent: string): string | undefined {
  if (code !== "2BP01" || intent !== "drop") return undefined;
  return "Set dropCascade: true to drop them with it";
}

/** Refuses to create what this package only finds; `otherwise` is what the reader may do instead. */
export function refuseCreate(noun: string, otherwise = ""): never {
  throw new NotFoundError(`it does not exist, and a ${noun} is not made here, but by SQL`, {
    intent: "take over",
    remedy: `Make it first: in a migration, or in a Command that this resource depends on${otherwise}`,
  });
}
