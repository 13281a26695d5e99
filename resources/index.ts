/**
 * The objects of a PostgreSQL server as Pulumi resources.
 *
 * @packageDocumentation
 */

export { Database, type DatabaseArgs } from "./database";
export type { InputsOf, OutputsOf } from "./inputs";
export { Provider, type ProviderArgs } from "./provider";
export { Role, type RoleArgs } from "./role";
export { Schema, type SchemaArgs } from "./schema";
