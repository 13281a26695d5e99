import type * as pulumi from "@pulumi/pulumi";
import { Database, takesAlong } from "./database";

/** Arguments whose `database` may be given as a {@link Database}, with its name in place of it. */
export function databaseName<A extends object | undefined>(args: A): A {
  const database = (args as { database?: unknown } | undefined)?.database;
  return database instanceof Database ? { ...args, database: database.name } : args;
}

/**
 * Arguments and options of an object that lives in a database, which may be given as a {@link Database}: its name is
 * then the argument, and where it is dropped with whatever is in it (`dropNonEmpty`), what lives in it needs no delete of its
 * own (`deletedWith`). Elsewhere it has one: a drop that is refused must not have taken it out of the state.
 */
export function inDatabase<A extends { database?: pulumi.Input<string> | Database }>(
  args: A | undefined,
  options: pulumi.CustomResourceOptions | undefined,
): [A | undefined, pulumi.CustomResourceOptions | undefined] {
  const database = args?.database;
  if (!(database instanceof Database)) return [args, options];
  return [databaseName(args), takesAlong(database) ? { deletedWith: database, ...options } : options];
}

/**
 * As {@link inDatabase}, for what is in a schema as well. A schema that is named may have a delete of its own, which would
 * find it full: what is in it is then deleted before.
 */
export function inSchema<A extends { database?: pulumi.Input<string> | Database; schema?: unknown }>(
  args: A | undefined,
  options: pulumi.CustomResourceOptions | undefined,
): [A | undefined, pulumi.CustomResourceOptions | undefined] {
  return args?.schema === undefined ? inDatabase(args, options) : [databaseName(args), options];
}
