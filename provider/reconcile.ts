/** The law in action: facts and plan for an observed and a desired state, then the runner. For hooks and collections. */

import { isDeepStrictEqual } from "node:util";
import type { Cluster } from "./cluster";
import type { ObjectType, Observed, ResourceType, ServerError, Statement, Values } from "./definition";
import { InvalidValueError, NotFoundError, PostgresError, toPostgresError, withContext } from "./errors";
import type { Facts } from "./facts";
import { fieldOf, pathOf } from "./fields";
import { type Deadline, remedyForEnded } from "./limits";
import { keyOf, observe } from "./observe";
import { repeatedly } from "./repeat";
import { type Progress, type Purpose, run } from "./runner";
import { quoted } from "./sql";
import { refuseGuarded, refuseMissingRoles, refuseTogether, refuseTooNew } from "./unfit";

/** How a change is to run, and how far it came. */
export interface Course {
  /** Filled in: whether anything was committed. */
  readonly progress?: Progress;
  /** When it must have ended. */
  readonly deadline?: Deadline | undefined;
}

/** Creates an object that is not there. Returns what is to be remembered in state of the values that were sent. */
export async function create(
  cluster: Cluster,
  type: ObjectType,
  desired: Values,
  course: Course = {},
): Promise<Values> {
  const path = pathOf(type, desired);
  return during(type, path, "create", async () => {
    const facts = await factsFor(cluster, type, undefined, desired);
    const spelled = { ...desired, ...(await spelledKey(cluster, type, desired)) };
    const prepared = (await type.prepare?.(spelled, { observed: undefined, previous: {}, facts })) ?? spelled;
    refuseTooNew(type, prepared, facts.server);
    refuseTogether(type, desired);
    refuseMissingRoles(type, prepared, facts);
    await type.beforeChange?.(cluster, undefined, prepared, facts);
    await execute(cluster, type, path, "create", type.create(prepared, facts), facts, course);
    return type.remember?.(prepared) ?? {};
  });
}

/** Brings an observed object to the desired values, sending only the difference. Returns as {@link create}. */
export async function alter(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed,
  desired: Values,
  previous: Values,
  course: Course = {},
): Promise<Values> {
  return upToDate(cluster, type, observed, course, (current) => {
    const path = pathOf(type, current.values);
    return during(type, path, "alter", async () => {
      const { facts, prepared } = await prepareChange(cluster, type, current, desired, previous);
      try {
        await execute(cluster, type, path, "alter", type.alter(current, prepared, facts), facts, course);
      } catch (error) {
        if (!(error instanceof PostgresError) || course.progress?.committed) throw error;
        const statements = await type.instead?.(cluster, current, prepared, facts, error);
        if (statements === undefined) throw error;
        await execute(cluster, type, path, "alter", statements, facts, course);
      }
      return type.remember?.(prepared) ?? {};
    });
  });
}

/** How many plans are made for an object that others change at the same time. */
const MOST_PLANS = 10;

/**
 * Runs a plan for an observed object. What it names may have been renamed or dropped since the object was observed, by
 * an operation on another object that runs beside it: then there is another plan for what the object is now.
 */
async function upToDate<T>(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed,
  { progress }: Course,
  plan: (current: Observed) => Promise<T>,
): Promise<T> {
  for (let [current, attempts] = [observed, 1]; ; attempts++) {
    try {
      return await plan(current);
    } catch (error) {
      if (!(error instanceof NotFoundError) || progress?.committed || attempts === MOST_PLANS) throw error;
      const now = await observe(cluster, type, keyOf(type, current));
      if (now === undefined || isDeepStrictEqual(now, current)) throw error;
      current = now;
    }
  }
}

/** The values of the key fields as the server spells them, in order. */
export async function keyPath(cluster: Cluster, type: ObjectType, values: Values): Promise<readonly string[]> {
  const { spelled } = type;
  return spelled === undefined ? pathOf(type, values) : repeatedly(() => spelled(cluster, values));
}

/** The desired values of the key as the server spells them; none where they are as they are declared. */
export async function spelledKey(cluster: Cluster, type: ObjectType, desired: Values): Promise<Values> {
  if (type.spelled === undefined || type.key.every((name) => desired[name] === undefined)) return {};
  const path = await keyPath(cluster, type, desired);
  const key = type.key.flatMap((name, index): [string, string][] => {
    const value = path[index];
    return value === undefined || desired[name] === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(key);
}

/** The statements that {@link alter} would run, for what changes several objects at once. */
export function planAlter(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed,
  desired: Values,
): Promise<Statement[]> {
  return during(type, pathOf(type, observed.values), "alter", async () => {
    const { facts, prepared } = await prepareChange(cluster, type, observed, desired, {});
    return type.alter(observed, prepared, facts);
  });
}

async function prepareChange(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed,
  desired: Values,
  previous: Values,
): Promise<{ facts: Facts; prepared: Values }> {
  const facts = await factsFor(cluster, type, observed, desired);
  const spelled = { ...desired, ...(await spelledKey(cluster, type, desired)) };
  const prepared = (await type.prepare?.(spelled, { observed, previous, facts })) ?? spelled;
  refuseTooNew(type, prepared, facts.server);
  refuseGuarded(type, observed, prepared);
  refuseMissingRoles(type, prepared, facts);
  await type.beforeChange?.(cluster, observed, prepared, facts);
  return { facts, prepared };
}

/** Drops an observed object, after everything that stands in the way was looked for. */
export async function drop(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed,
  options: Values,
  course: Course = {},
): Promise<void> {
  try {
    await upToDate(cluster, type, observed, course, (current) => {
      const path = pathOf(type, current.values);
      return during(type, path, "drop", async () => {
        const facts = await factsFor(cluster, type, current, options);
        const statements = type.drop(current, options, facts);
        const before = (await type.beforeDrop?.(cluster, current, options, facts)) ?? [];
        const isDone = async () => !(await isThere(cluster, type, current));
        await execute(cluster, type, path, "drop", [...before, ...statements], facts, { ...course, isDone });
      });
    });
  } catch (error) {
    // Whoever dropped it meanwhile, with its schema perhaps, has done what was to be done.
    if (!(error instanceof NotFoundError) || (await isThere(cluster, type, observed))) throw error;
  }
}

/** Whether an object is there still; it is not where its database is gone. */
async function isThere(cluster: Cluster, type: ObjectType, observed: Observed): Promise<boolean> {
  try {
    return (await observe(cluster, type, keyOf(type, observed))) !== undefined;
  } catch (error) {
    if (toPostgresError(error) instanceof NotFoundError) return false;
    throw error;
  }
}

/** Lets go of an adopted object, without dropping it. */
export async function release(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed,
  options: Values,
  course: Course = {},
): Promise<void> {
  const path = pathOf(type, observed.values);
  await during(type, path, "release", async () => {
    const facts = await factsFor(cluster, type, observed, options);
    await execute(cluster, type, path, "release", type.release?.(observed, options, facts) ?? [], facts, course);
  });
}

/** How an object is called in messages, by the values of its key fields: `role "app"`, `sequence "sales"."order_no"`. */
export function called(type: ResourceType, path: readonly string[]): string {
  return `${type.noun} ${type.shown?.(path) ?? path.map(quoted).join(".")}`;
}

/** The facts that the statements for an object depend on. */
export async function factsFor(
  cluster: Cluster,
  type: ObjectType,
  observed: Observed | undefined,
  desired: Values,
): Promise<Facts> {
  const { facts: server, currentDatabase: database, serverHashesPasswords } = cluster;
  const objects = await cluster.reads.facts(cluster, {
    roles: type.rolesInvolved(observed, desired, server),
    databases: type.databasesInvolved(observed, desired, database),
    schemas: type.schemasInvolved?.(observed, desired) ?? [],
  });
  return { server, ...objects, database, serverHashesPasswords };
}

function execute(
  cluster: Cluster,
  type: ObjectType,
  path: readonly string[],
  intent: string,
  statements: Statement[],
  facts: Facts,
  { progress, deadline, isDone }: Course & Pick<Purpose, "isDone">,
): Promise<void> {
  const remedy = (error: ServerError) => type.remedy?.(error, intent, facts) ?? remedyFor(error, intent, deadline);
  const purpose = { object: called(type, path), intent, remedy, deadline, isDone };
  return cluster.oneAtATime([called(type, path)], () => run(cluster, statements, purpose, progress));
}

/** Codes for a name that another object has: of roles, databases, schemas, relations, routines. */
const NAME_TAKEN = ["42710", "42P04", "42P06", "42P07", "42723"];

function remedyFor(error: ServerError, intent: string, deadline: Deadline | undefined): string | undefined {
  const { code, hint } = error;
  const ended = remedyForEnded(error, deadline);
  if (ended !== undefined) return ended;
  if (code === "55006") return "End the sessions that use it";
  if (hint !== undefined) return undefined; // the server's own advice
  if (intent === "alter" && NAME_TAKEN.includes(code ?? ""))
    return (
      "If that one gets another name in the same program, run `pulumi up` again; two that are to swap their names take " +
      "a third name in between"
    );
  if (code === "42704") return "Create it first, or name one that is there";
  if (code === "42501") return "Connect as a role that may, or let the Provider `become` one";
  if (code === "22023") return "Declare a value that the server takes for it";
  return undefined;
}

/** Errors of planning and looking get the same sentence as errors of statements. */
async function during<T>(
  type: ObjectType,
  path: readonly string[],
  intent: string,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw withContext(error, { object: called(type, path), intent });
  }
}

/** Checks values against the field table, for the imperative interface. Throws an InvalidValueError. */
export function checkValues(type: ObjectType, values: Readonly<Record<string, unknown>>): Values {
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(type, name);
    if (field === undefined) throw new InvalidValueError(`a ${type.noun} has no attribute ${JSON.stringify(name)}`);
    const acceptable = value === null ? field.default !== undefined : value === undefined || field.value.accepts(value);
    if (!acceptable) throw new InvalidValueError(`${name} must be ${field.value.expects}`);
  }
  // A bigint is text from here on, as it is in state.
  const plain = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "bigint" ? String(value) : value,
  ]);
  return Object.fromEntries(plain) as Values;
}
