/** What several tests of sequences on whole programs share. */

import type { Program, Stack } from "./stack";

/** The greatest number of 64 bits. */
export const MAX = "9223372036854775807";

/** An owner, a database and two schemas, `sales` and `retail`, all called by outputs; sequences go after them. */
export function surroundings(name: string): Program {
  const schema = (called: string): Program[string] => ({
    type: "Schema",
    args: { database: "$shop.name", name: called, owner: "$owner.name", dropCascade: true },
  });
  return {
    owner: { type: "Role", args: { name } },
    shop: { type: "Database", args: { name, owner: "$owner.name", dropNonEmpty: true } },
    sales: schema("sales"),
    retail: schema("retail"),
  };
}

/** How many resources that is, with the stack itself and the Provider. */
export const SURROUNDINGS = 6;

/** A sequence of the owner in `sales`, but for what is said. */
export function sequence(args: Record<string, unknown> = {}): Program[string] {
  return {
    type: "Sequence",
    args: { database: "$shop.name", schema: "$sales.name", name: "order_no", owner: "$owner.name", ...args },
  };
}

/** Every sequence of a database as the catalogue has it, by schema and name. */
export function sequencesIn(stack: Stack, database: string): Promise<Record<string, unknown>[]> {
  return stack.sql(
    `SELECT c.oid::int, c.relnamespace::regnamespace::text AS schema, c.relname AS name,
            pg_get_userbyid(c.relowner) AS owner, s.seqtypid::regtype::text AS type, seqincrement AS by, seqmin AS least,
            seqmax AS most, seqstart AS start, seqcache AS cache, seqcycle AS cycle,
            obj_description(c.oid, 'pg_class') AS comment
       FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid ORDER BY 2, 3`,
    [],
    database,
  );
}

/** Takes the next number. */
export async function next(stack: Stack, database: string, name = "sales.order_no"): Promise<string | undefined> {
  const [row] = await stack.sql<{ next: string }>("SELECT nextval($1::regclass) AS next", [name], database);
  return row?.next;
}

/** Where a sequence stands, without taking a number: the last one, and whether it was given. */
export async function standing(stack: Stack, database: string, name = "sales.order_no"): Promise<[string, boolean]> {
  const query = `SELECT last_value AS last, is_called AS called FROM ${name}`;
  const [row] = await stack.sql<{ last: string; called: boolean }>(query, [], database);
  return [row?.last ?? "", row?.called ?? false];
}

/** The statements about sequences that were sent to a database while something was done. */
export async function sentTo(stack: Stack, database: string, work: () => Promise<unknown>): Promise<string[]> {
  const before = (await stack.server.log()).length;
  await work();
  const lines = (await stack.server.log()).slice(before).split("\n");
  // A transaction may be one text.
  const texts = lines.flatMap((line) => (line.includes(`@${database} `) ? line.split("; ") : []));
  return texts.flatMap((text) => /(?:ALTER|CREATE|DROP) SEQUENCE .*$/.exec(text)?.[0] ?? []);
}
