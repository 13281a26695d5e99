import type * as pulumi from "@pulumi/pulumi";
import { Database } from "./database";

/**
 * Arguments and options of an object that lives in a database, which may be given as a {@link Database}: its name is
 * then the argument, and when it is dropped, what lives in it needs no delete of its own (`deletedWith`).
 */
export function inDatabase<A extends { database?: pulumi.Input<string> | Database }>(
  args: A | undefined,
  options: pulumi.CustomResourceOptions | undefined,
): [A | undefined, pulumi.CustomResourceOptions | undefined] {
  const database = args?.database;
  if (!(database instanceof Database)) return [args, options];
  return [{ ...args, database: database.name } as unknown as A, { deletedWith: database, ...options }];
}
