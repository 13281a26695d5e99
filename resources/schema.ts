import * as pulumi from "@pulumi/pulumi";
import type { SchemaComputed, SchemaProperties } from "../provider/objects/schema";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { inDatabase } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Schema}. */
export interface SchemaArgs extends InputsOf<Omit<SchemaProperties, "name" | "database">> {
  /** Name of the schema, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
  /**
   * The database it is in: a name, or a {@link Database}, with which it then goes without a drop of its own. Default:
   * the connection's. Follows a rename; a schema cannot move to another database.
   */
  database?: pulumi.Input<string> | Database;
}

/** The outputs of a {@link Schema}: what is declared, as the server has it, and the oid. */
export interface Schema extends OutputsOf<SchemaProperties & SchemaComputed> {}

const definition: ResourceDefinition<SchemaProperties, SchemaComputed> = {
  type: "Schema",
  attributes: {
    database: undefined,
    name: undefined,
    owner: undefined,
    comment: undefined,
    dropCascade: undefined,
    adopt: undefined,
    dropOnDelete: undefined,
  },
  computed: { oid: undefined },
};

/**
 * A schema (`CREATE SCHEMA`). Dropping one that is not empty is refused unless `dropCascade` is set.
 *
 * @example
 * const sales = new pgmob.Schema("sales", { database: shop, owner: owner.name, comment: "what was sold, and to whom" });
 * // `public` is there already: it is taken over, and released when it is taken out of the program.
 * const common = new pgmob.Schema("public", { database: shop, adopt: true, owner: owner.name });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Schema extends pulumi.CustomResource {
  /** Declares a schema. Without `name`, it is called like the resource. */
  constructor(name: string, args?: SchemaArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, ...inDatabase(args, options)));
    fullTraces();
  }

  /** Looks up a schema that is managed elsewhere, by `database/schema`, both percent-encoded. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Schema {
    return new Schema(name, undefined, { ...options, id });
  }
}

completeClass(Schema, definition);
