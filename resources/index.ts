/**
 * The objects of a PostgreSQL server as Pulumi resources.
 *
 * @packageDocumentation
 */

export type { Config } from "../provider/config";
export type { OnDelete } from "../provider/objects/role-hand-over";
export type { RoleMembership } from "../provider/objects/role-memberships";
export { Database, type DatabaseArgs } from "./database";
export type { InputsOf, OutputsOf } from "./inputs";
export { Provider, type ProviderArgs } from "./provider";
export { Role, type RoleArgs } from "./role";
export { Schema, type SchemaArgs } from "./schema";
