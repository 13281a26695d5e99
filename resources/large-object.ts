import * as pulumi from "@pulumi/pulumi";
import type { LargeObjectComputed, LargeObjectProperties } from "../provider/objects/large-object";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { databaseName } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link LargeObject}. */
export interface LargeObjectArgs extends InputsOf<Omit<LargeObjectProperties, "database">> {
  /**
   * The database it is in: a name, or a {@link Database}. Default: the connection's. Follows a rename; it cannot move to
   * another database.
   */
  database?: pulumi.Input<string> | Database;
}

/** The outputs of a {@link LargeObject}: what is declared, as the server has it. */
export interface LargeObject extends OutputsOf<LargeObjectProperties & LargeObjectComputed> {}

const definition: ResourceDefinition<LargeObjectProperties, LargeObjectComputed> = {
  type: "LargeObject",
  nameless: true,
  attributes: { database: undefined, oid: undefined, owner: undefined, comment: undefined },
  computed: { oid: undefined },
};

/**
 * A large object that is there: made by SQL, or by a client. It is taken over, and what is declared is enforced. Taken out of
 * the program, it stays on the server as it is.
 *
 * @example
 * const photo = new pgmob.LargeObject("photo", { database: shop, oid: 16400, owner: owner.name, comment: "the shop" });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class LargeObject extends pulumi.CustomResource {
  /** Takes a large object over. */
  constructor(name: string, args: LargeObjectArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, args && { ...databaseName(args), oid: asNumber(args.oid) }, options));
    fullTraces();
  }

  /** Looks up a large object that is managed elsewhere, by `database/oid`. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): LargeObject {
    return new LargeObject(name, {} as LargeObjectArgs, { ...options, id });
  }
}

completeClass(LargeObject, definition);

/** An oid in digits as a number, also inside of an Output. What else it is, is for `check` to refuse. */
function asNumber(oid: unknown): unknown {
  if (pulumi.Output.isInstance(oid) || oid instanceof Promise) return pulumi.output(oid).apply(asNumber);
  return typeof oid === "string" && /^\d+$/.test(oid) ? Number(oid) : oid;
}
