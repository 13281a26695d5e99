/**
 * The objects of a PostgreSQL server as Pulumi resources.
 *
 * @packageDocumentation
 */

export type { CommandIdentifier, CommandParameter, CommandScalar } from "../provider/command/parameters";
export type { CommandStep, ShellStep, SqlStep } from "../provider/command/step";
export type { Config } from "../provider/config";
export type { HbaConnection, HbaDatabase, HbaUser } from "../provider/hba/types";
export type { Int64 } from "../provider/int64";
export type {
  FoundDatabase,
  FoundRole,
  FoundSchema,
  FoundSequence,
  FoundServer,
  FoundTable,
} from "../provider/lookups/types";
export type {
  BackupAtPath,
  FinalBackup,
  FinalBackupOptions,
  RestoreFrom,
  RestoreFromOptions,
} from "../provider/objects/database-backup";
export type {
  DatabaseKind,
  DatabaseReference,
  LargeObjectReference,
  OwnedReference,
  RoutineReference,
  SchemaKind,
  SchemaReference,
  ServerKind,
  ServerReference,
} from "../provider/objects/owned-reference";
export type { OnDelete } from "../provider/objects/role-hand-over";
export type { RoleMembership } from "../provider/objects/role-memberships";
export type { RoutineKind } from "../provider/objects/routine";
export type { SequenceColumn } from "../provider/objects/sequence-column";
export type { SequenceDataType } from "../provider/objects/sequence-range";
export type { TableKind } from "../provider/objects/table";
export { Command, type CommandArgs } from "./command";
export { Database, type DatabaseArgs } from "./database";
export { HbaRule, type HbaRuleArgs, type HostHbaRuleArgs, type LocalHbaRuleArgs } from "./hba-rule";
export type { InputsOf, OutputsOf } from "./inputs";
export { LargeObject, type LargeObjectArgs } from "./large-object";
export type { LookupOptions } from "./lookup";
export {
  type GetDatabasesArgs,
  type GetRolesArgs,
  type GetSchemasArgs,
  type GetSequencesArgs,
  type GetServerArgs,
  type GetTablesArgs,
  getDatabases,
  getRoles,
  getSchemas,
  getSequences,
  getServer,
  getTables,
} from "./lookups";
export {
  type ObjectOwnershipArgs,
  type OwnedReferenceArgs,
  type OwnedResource,
  Ownership,
  type OwnershipArgs,
  type RoleOwnershipArgs,
} from "./ownership";
export { Provider, type ProviderArgs } from "./provider";
export {
  type LogicalReplicationSlotArgs,
  type PhysicalReplicationSlotArgs,
  ReplicationSlot,
  type ReplicationSlotArgs,
} from "./replication-slot";
export { Role, type RoleArgs } from "./role";
export { Routine, type RoutineArgs } from "./routine";
export { Schema, type SchemaArgs } from "./schema";
export { Sequence, type SequenceArgs } from "./sequence";
export { Table, type TableArgs } from "./table";
export { View, type ViewArgs } from "./view";
