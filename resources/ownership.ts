import * as pulumi from "@pulumi/pulumi";
import type { OwnedReference } from "../provider/objects/owned-reference";
import type { OwnershipComputed, OwnershipProperties } from "../provider/objects/ownership";
import { completeClass, type ResourceDefinition, registration } from "./base";
import { Database } from "./database";
import { databaseName } from "./in-database";
import type { OutputsOf } from "./inputs";
import { LargeObject } from "./large-object";
import { Routine } from "./routine";
import { Schema } from "./schema";
import { Sequence } from "./sequence";
import { Table } from "./table";
import { fullTraces } from "./traces";
import { View } from "./view";

/** A resource whose object has an owner. */
export type OwnedResource = Database | Schema | Sequence | Table | View | Routine | LargeObject;

/** An object that has an owner, by its kind and name; `kind` is plain text, the rest may be Outputs. */
export type OwnedReferenceArgs = OwnedReference extends infer R
  ? R extends OwnedReference
    ? { [K in keyof R]: K extends "kind" ? R[K] : pulumi.Input<R[K]> }
    : never
  : never;

/** What can be declared of an {@link Ownership} of single objects. */
export interface ObjectOwnershipArgs {
  /** The role that is to own them (`OWNER TO`). Changed in place. */
  owner: pulumi.Input<string>;
  /**
   * The objects, which must be there: one or a list, each a resource of this package, or `{ kind, name }` with its `schema`,
   * `arguments` and `database` as far as it has them; a large object is `{ kind, oid }`. Taken out again, an object keeps its
   * owner.
   */
  objects:
    | OwnedResource
    | OwnedReferenceArgs
    | readonly (OwnedResource | pulumi.Input<OwnedReferenceArgs>)[]
    | pulumi.Output<OwnedReferenceArgs[]>;
  /** The database of those objects that name none: a name, or a {@link Database}. Default: the connection's. */
  database?: pulumi.Input<string> | Database;
  /** Not with objects. */
  reassignOwnedBy?: null;
  /** Not with objects, which have a database of their own. */
  databases?: null;
}

/** What can be declared of an {@link Ownership} of everything that a role owns. */
export interface RoleOwnershipArgs {
  /** The role that is to own it all (`REASSIGN OWNED … TO`). Changed in place. */
  owner: pulumi.Input<string>;
  /** Another role: everything that it owns, now and at every later look (`REASSIGN OWNED BY`). */
  reassignOwnedBy: pulumi.Input<string>;
  /**
   * Where: a list of names or of {@link Database}s, or `"all"`. Default: the connection's. Databases that the role owns
   * change hands wherever that is.
   */
  databases?: pulumi.Input<"all" | string[]> | readonly (pulumi.Input<string> | Database)[];
  /** Not with a role, of which everything is meant. */
  objects?: null;
  /** Not with a role: see `databases`. */
  database?: undefined;
}

/** What can be declared of an {@link Ownership}: of single objects, or of everything that a role owns. */
export type OwnershipArgs = ObjectOwnershipArgs | RoleOwnershipArgs;

/** The outputs of an {@link Ownership}: what is declared, and the objects that are somebody else's. */
export interface Ownership extends OutputsOf<OwnershipProperties & OwnershipComputed> {}

const definition: ResourceDefinition<OwnershipProperties, OwnershipComputed> = {
  type: "Ownership",
  nameless: true,
  attributes: {
    owner: undefined,
    objects: undefined,
    reassignOwnedBy: undefined,
    database: undefined,
    databases: undefined,
  },
  computed: { notOwned: undefined },
};

/**
 * The owner of objects that are made elsewhere, or of everything that another role owns. Each that somebody else owns is
 * drift, shown by its name in `notOwned`, and the next update puts it right. Deleting an ownership changes nothing: the owner
 * stays. Do not declare another `owner` on a resource of the same object: each would take it back from the other.
 *
 * @example
 * const sales = new pgmob.Ownership("sales", {
 *   owner: owner.name,
 *   database: shop,
 *   objects: [
 *     { kind: "schema", name: "sales" },
 *     { kind: "table", schema: "sales", name: "orders" },
 *     { kind: "routine", schema: "sales", name: "total", arguments: "int, text" },
 *   ],
 * });
 * const left = new pgmob.Ownership("left-by-alice", { owner: owner.name, reassignOwnedBy: "alice", databases: "all" });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Ownership extends pulumi.CustomResource {
  /** Declares the owner. */
  constructor(name: string, args: OwnershipArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, plain(args), options));
    fullTraces();
  }
}

completeClass(Ownership, definition);

/** Arguments with names in the place of resources. */
function plain(args: OwnershipArgs): object {
  const { objects, ...rest } = databaseName(args);
  const { databases } = rest;
  return {
    ...rest,
    ...(objects === undefined ? {} : { objects: listOf(objects) }),
    ...(Array.isArray(databases) ? { databases: (databases as unknown[]).map(nameOf) } : {}),
  };
}

function listOf(objects: OwnershipArgs["objects"]): unknown {
  if (objects === null || pulumi.Output.isInstance(objects)) return objects;
  return Array.isArray(objects) ? objects.map(referenceOf) : [referenceOf(objects)];
}

function nameOf(database: unknown): unknown {
  return database instanceof Database ? database.name : database;
}

/** A resource as a reference; its database is the connection's where it names none. */
function referenceOf(object: unknown): unknown {
  if (object instanceof Database) return { kind: "database", name: object.name };
  const kind = kindOf(object);
  if (kind === undefined) return object;
  const known = object as Routine;
  const database = declared(known, "database", null);
  if (kind === "large object") return { kind, oid: (object as LargeObject).oid, database };
  const reference = { kind, name: known.name, database };
  if (kind === "schema") return reference;
  const inSchema = { ...reference, schema: declared(known, "schema", "public") };
  return kind === "routine" ? { ...inSchema, arguments: declared(known, "arguments", "") } : inSchema;
}

function kindOf(object: unknown): string | undefined {
  if (object instanceof LargeObject) return "large object";
  if (object instanceof Schema) return "schema";
  if (object instanceof Table) return "table";
  if (object instanceof View) return "view";
  if (object instanceof Sequence) return "sequence";
  return object instanceof Routine ? "routine" : undefined;
}

/** An attribute, or what stands for it where it is not declared: known in preview, too. */
function declared<T>(object: Routine, name: "database" | "schema" | "arguments", otherwise: T): unknown {
  const value: pulumi.Output<unknown> = object[name];
  return Object.hasOwn(object, name) ? value.apply((known) => known ?? otherwise) : otherwise;
}
