import * as pulumi from "@pulumi/pulumi";
import type { DatabaseComputed, DatabaseProperties } from "../provider/objects/database";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Database}. */
export interface DatabaseArgs extends InputsOf<Omit<DatabaseProperties, "name">> {
  /** Name of the database, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
}

/** The outputs of a {@link Database}: what is declared, as the server has it, and the oid. */
export interface Database extends OutputsOf<DatabaseProperties & DatabaseComputed> {}

const definition: ResourceDefinition<DatabaseProperties, DatabaseComputed> = {
  type: "Database",
  attributes: {
    name: undefined,
    owner: undefined,
    template: undefined,
    encoding: undefined,
    locale: undefined,
    localeProvider: undefined,
    lcCollate: undefined,
    lcCtype: undefined,
    icuLocale: undefined,
    icuRules: undefined,
    builtinLocale: undefined,
    strategy: undefined,
    collationVersion: undefined,
    oid: undefined,
    restoreFrom: undefined,
    tablespace: undefined,
    connectionLimit: undefined,
    allowConnections: undefined,
    isTemplate: undefined,
    config: undefined,
    comment: undefined,
    forceDrop: undefined,
    dropNonEmpty: undefined,
    finalBackup: undefined,
    allowReplace: undefined,
    adopt: undefined,
    dropOnDelete: undefined,
  },
  computed: { oid: undefined },
};

/** Databases whose drop takes along whatever is in them. */
const emptied = new WeakSet<Database>();

/** Whether a database is dropped with what is in it: not if it is to be empty, is released, or stays. */
export function takesAlong(database: Database): boolean {
  return emptied.has(database);
}

/**
 * A database (`CREATE DATABASE`). Dropping one that holds tables, or has sessions in it, is refused unless allowed.
 *
 * @example
 * const shop = new pgmob.Database("shop", {
 *   owner: owner.name,
 *   encoding: "UTF8",
 *   localeProvider: "icu",
 *   icuLocale: "en-US",
 *   connectionLimit: 200,
 *   config: { default_transaction_isolation: "repeatable read" },
 *   comment: "orders, and what belongs to them",
 * });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Database extends pulumi.CustomResource {
  /** Declares a database. Without `name`, it is called like the resource. */
  constructor(name: string, args?: DatabaseArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, args, options));
    fullTraces();
    const { dropNonEmpty, adopt, dropOnDelete } = args ?? {};
    const dropped = (adopt ?? false) === false || dropOnDelete === true;
    if (dropNonEmpty === true && dropped && options?.retainOnDelete !== true) emptied.add(this);
  }

  /** Looks up a database that is managed elsewhere, by its name percent-encoded. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Database {
    return new Database(name, undefined, { ...options, id });
  }
}

completeClass(Database, definition);
