import * as pulumi from "@pulumi/pulumi";
import type { SequenceComputed, SequenceProperties } from "../provider/objects/sequence";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { inSchema } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Sequence}. Its numbers may be given as numbers, as bigints and as text. */
export interface SequenceArgs extends InputsOf<Omit<SequenceProperties, "name" | "database">> {
  /** Name of the sequence, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
  /**
   * The database it is in: a name, or a {@link Database}, with which it then goes without a drop of its own, unless
   * `schema` is given. Default: the connection's. Follows a rename; a sequence cannot move to another database.
   */
  database?: pulumi.Input<string> | Database;
}

/** The outputs of a {@link Sequence}: what is declared, as the server has it, numbers as text, and the oid. */
export interface Sequence extends OutputsOf<SequenceProperties & SequenceComputed> {}

const definition: ResourceDefinition<SequenceProperties, SequenceComputed> = {
  type: "Sequence",
  attributes: {
    database: undefined,
    schema: undefined,
    name: undefined,
    owner: undefined,
    dataType: undefined,
    increment: undefined,
    minValue: undefined,
    maxValue: undefined,
    start: undefined,
    cache: undefined,
    cycle: undefined,
    ownedBy: undefined,
    unlogged: undefined,
    comment: undefined,
    restartWith: undefined,
    restartTrigger: undefined,
    dropCascade: undefined,
    adopt: undefined,
    dropOnDelete: undefined,
  },
  computed: { oid: undefined },
  int64s: ["increment", "minValue", "maxValue", "start", "cache", "restartWith"],
};

/**
 * A sequence (`CREATE SEQUENCE`). Changes keep its current number, and taking numbers is never drift. Dropping one that
 * is used is refused unless `dropCascade` is set.
 *
 * @example
 * const orders = new pgmob.Sequence("order-no", { database: shop, schema: sales.name, name: "order_no", start: 1000 });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Sequence extends pulumi.CustomResource {
  /** Declares a sequence. Without `name`, it is called like the resource. */
  constructor(name: string, args?: SequenceArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, ...inSchema(args, options)));
    fullTraces();
  }

  /**
   * Looks up a sequence that is managed elsewhere, by `database/schema/name`, each percent-encoded. Fails when there is
   * none.
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Sequence {
    return new Sequence(name, undefined, { ...options, id });
  }
}

completeClass(Sequence, definition);
