import * as pulumi from "@pulumi/pulumi";
import type { RoutineComputed, RoutineProperties } from "../provider/objects/routine";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { databaseName } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Routine}. */
export interface RoutineArgs extends InputsOf<Omit<RoutineProperties, "name" | "database">> {
  /** Name of the routine, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
  /**
   * The database it is in: a name, or a {@link Database}. Default: the connection's. Follows a rename; a routine cannot move
   * to another database.
   */
  database?: pulumi.Input<string> | Database;
}

/** The outputs of a {@link Routine}: what is declared, as the server has it, what kind it is, and the oid. */
export interface Routine extends OutputsOf<RoutineProperties & RoutineComputed> {}

const definition: ResourceDefinition<RoutineProperties, RoutineComputed> = {
  type: "Routine",
  attributes: {
    database: undefined,
    schema: undefined,
    name: undefined,
    arguments: undefined,
    owner: undefined,
    securityDefiner: undefined,
    comment: undefined,
    definition: undefined,
    allowReplace: undefined,
  },
  computed: {
    oid: undefined,
    argumentTypes: undefined,
    kind: undefined,
    returns: undefined,
    language: undefined,
    volatility: undefined,
    parallel: undefined,
    strict: undefined,
    leakproof: undefined,
    definitionHash: undefined,
  },
};

/**
 * A function, a procedure, an aggregate or a window function. One that is there is taken over, and what is declared is
 * enforced; a function or procedure that is not is made by its `definition`. Taken out of the program, it stays on the
 * server as it is.
 *
 * @example
 * const total = new pgmob.Routine("total", { database: shop, schema: "sales", arguments: "int, text", owner: owner.name });
 * const tax = new pgmob.Routine("tax", {
 *   database: shop,
 *   schema: "sales",
 *   arguments: "numeric",
 *   definition: `CREATE FUNCTION sales.tax(amount numeric) RETURNS numeric
 *                  LANGUAGE sql IMMUTABLE AS $$ SELECT amount * 0.2 $$`,
 * });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Routine extends pulumi.CustomResource {
  /** Takes a routine over, or makes it. Without `name`, it is the one that is called like the resource. */
  constructor(name: string, args?: RoutineArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, databaseName(args), options));
    fullTraces();
  }

  /**
   * Looks up a routine that is managed elsewhere, by `database/schema/name/arguments`, each percent-encoded; the arguments
   * may be empty. Fails when there is none.
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Routine {
    return new Routine(name, undefined, { ...options, id });
  }
}

completeClass(Routine, definition);
