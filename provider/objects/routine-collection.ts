import { FoundCollection } from "../collection";
import { InvalidValueError, NotFoundError } from "../errors";
import { called } from "../reconcile";
import { quoted } from "../sql";
import type { NameInSchema } from "./in-schema";
import type { RoutineObject } from "./routine";
import { argumentTypes } from "./routine-arguments";

/**
 * A name in the schema `public`, or in another schema; with the types of the input arguments, as SQL writes them, where
 * there are several of the name. `""` is no argument.
 */
export type RoutineName =
  | NameInSchema
  | { readonly schema?: string; readonly name: string; readonly arguments: string };

/**
 * The functions, procedures, aggregates and window functions of a database, but for those of `pg_catalog`.
 *
 * @example
 * const routine = await cluster.procedures.get({ schema: "sales", name: "total", arguments: "int, text" });
 * await routine.alter({ owner: "sales_owner", securityDefiner: true });
 * for (const { name, arguments: types } of await cluster.procedures.overloads("total")) console.log(name, types);
 */
export class RoutineCollection extends FoundCollection<RoutineObject, RoutineName> {
  /**
   * The routine of this name, and of these arguments where they are given.
   *
   * @throws NotFoundError when there is none
   * @throws InvalidValueError when there are several, and no arguments say which
   */
  override async get(name: RoutineName): Promise<RoutineObject> {
    const found = await this.find(name);
    const [schema, plain] = parts(name);
    const [only] = found;
    const ofName = `${this.type.noun} ${quoted(schema)}.${quoted(plain)}`;
    if (only === undefined) {
      const types = argumentsOf(name);
      const object = types === undefined ? ofName : called(this.type, [schema, plain, types]);
      throw new NotFoundError("does not exist", { object });
    }
    if (found.length === 1) return only;
    const all = found.map((one) => `${quoted(plain)}(${one.arguments})`).join(", ");
    throw new InvalidValueError(`there are ${found.length} of this name: ${all}`, {
      object: ofName,
      remedy: `Say which: { schema: ${JSON.stringify(schema)}, name: ${JSON.stringify(plain)}, arguments: ${JSON.stringify(only.arguments)} }`,
    });
  }

  /** Whether there is a routine of this name, and of these arguments where they are given. */
  override async has(name: RoutineName): Promise<boolean> {
    return (await this.find(name)).length > 0;
  }

  /** All routines of a name, ordered by their arguments; an empty list when there is none. */
  async overloads(name: NameInSchema): Promise<RoutineObject[]> {
    const [schema, plain] = parts(name);
    const found: RoutineObject[] = [];
    for await (const one of this.where({ schema, name: plain })) found.push(one);
    return found;
  }

  private async find(name: RoutineName): Promise<RoutineObject[]> {
    const types = argumentsOf(name);
    const all = await this.overloads(name);
    if (types === undefined || all.length === 0) return all;
    const same = all.filter((one) => one.arguments === types);
    if (same.length > 0) return same;
    const known = await argumentTypes(this.cluster, types);
    return all.filter((one) => one.arguments === known);
  }
}

function parts(name: RoutineName): [schema: string, name: string] {
  return typeof name === "string" ? ["public", name] : [name.schema ?? "public", name.name];
}

function argumentsOf(name: RoutineName): string | undefined {
  return typeof name === "object" && "arguments" in name ? name.arguments : undefined;
}
