import * as pulumi from "@pulumi/pulumi";
import type { ViewComputed, ViewProperties } from "../provider/objects/view";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { databaseName } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link View}. */
export interface ViewArgs extends InputsOf<Omit<ViewProperties, "name" | "database">> {
  /** Name of the view, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
  /**
   * The database it is in: a name, or a {@link Database}. Default: the connection's. Follows a rename; a view cannot move
   * to another database.
   */
  database?: pulumi.Input<string> | Database;
}

/** The outputs of a {@link View}: what is declared, as the server has it, its kind, and the oid. */
export interface View extends OutputsOf<ViewProperties & ViewComputed> {}

const definition: ResourceDefinition<ViewProperties, ViewComputed> = {
  type: "View",
  attributes: {
    database: undefined,
    schema: undefined,
    name: undefined,
    owner: undefined,
    tablespace: undefined,
    securityBarrier: undefined,
    securityInvoker: undefined,
    checkOption: undefined,
    comment: undefined,
    materialized: undefined,
    definition: undefined,
    allowReplace: undefined,
  },
  computed: { oid: undefined, kind: undefined, definitionHash: undefined },
};

/**
 * A view or a materialized view. One that is there is taken over, and what is declared is enforced; one that is not is made
 * by its `definition`. Taken out of the program, it stays on the server as it is.
 *
 * @example
 * const open = new pgmob.View("open_orders", {
 *   database: shop,
 *   schema: sales.name,
 *   owner: owner.name,
 *   definition: pulumi.interpolate`SELECT id, placed FROM ${sales.name}.orders WHERE shipped IS NULL`,
 * });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class View extends pulumi.CustomResource {
  /** Takes a view over, or makes it. Without `name`, it is the one that is called like the resource. */
  constructor(name: string, args?: ViewArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, databaseName(args), options));
    fullTraces();
  }

  /** Looks up a view that is managed elsewhere, by `database/schema/name`, each percent-encoded. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): View {
    return new View(name, undefined, { ...options, id });
  }
}

completeClass(View, definition);
