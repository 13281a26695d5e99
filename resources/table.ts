import * as pulumi from "@pulumi/pulumi";
import type { TableComputed, TableProperties } from "../provider/objects/table";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { databaseName } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Table}. */
export interface TableArgs extends InputsOf<Omit<TableProperties, "name" | "database">> {
  /** Name of the table, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
  /**
   * The database it is in: a name, or a {@link Database}. Default: the connection's. Follows a rename; a table cannot move
   * to another database.
   */
  database?: pulumi.Input<string> | Database;
}

/** The outputs of a {@link Table}: what is declared, as the server has it, its kind, and the oid. */
export interface Table extends OutputsOf<TableProperties & TableComputed> {}

const definition: ResourceDefinition<TableProperties, TableComputed> = {
  type: "Table",
  attributes: {
    database: undefined,
    schema: undefined,
    name: undefined,
    owner: undefined,
    tablespace: undefined,
    rowSecurity: undefined,
    forceRowSecurity: undefined,
    unlogged: undefined,
    comment: undefined,
  },
  computed: { oid: undefined, kind: undefined },
};

/**
 * A table, a partitioned or a foreign table that is there: made by SQL, by a migration or by a Command. It is taken over,
 * and what is declared is enforced. Taken out of the program, it stays on the server as it is.
 *
 * @example
 * const orders = new pgmob.Table("orders", { database: shop, schema: sales.name, owner: owner.name, rowSecurity: true });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Table extends pulumi.CustomResource {
  /** Takes a table over. Without `name`, it is the one that is called like the resource when that is created. */
  constructor(name: string, args?: TableArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, databaseName(args), options));
    fullTraces();
  }

  /** Looks up a table that is managed elsewhere, by `database/schema/name`, each percent-encoded. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Table {
    return new Table(name, undefined, { ...options, id });
  }
}

completeClass(Table, definition);
