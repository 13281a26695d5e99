/**
 * The core without Pulumi, and the entry of the dynamic-provider host.
 *
 * `hooks` is named by the provider text that is stored in every stack's state. It must exist, under this name, in every
 * version of this package.
 *
 * @packageDocumentation
 */

export type { Adapter, CopySource, QueryResult, RowShape, Session } from "./adapter";
export type { BackupOptions, BackupTarget, ByteSink, ProgramOptions } from "./backup/backup";
export type { BackupFormat } from "./backup/format";
export type { CommonOptions, DumpOptions, PgRestoreOptions } from "./backup/options";
export { ProgramError } from "./backup/process";
export type { BackupSource, RestoreOptions } from "./backup/restore";
export { Cluster, type ClusterOptions } from "./cluster";
export type { Collection, FoundCollection } from "./collection";
export type { Config } from "./config";
export type { Connected, Transaction } from "./connected";
export type { CopyOptions } from "./counted";
export type { Cursor, Parameters } from "./cursor";
export {
  AlreadyExistsError,
  ConflictError,
  ConnectionError,
  DependentObjectsError,
  type ErrorDetails,
  InvalidValueError,
  NotFoundError,
  ObjectInUseError,
  PermissionError,
  PostgresError,
  RefusedError,
  UnsupportedVersionError,
} from "./errors";
export type { Condition, Filter } from "./filter";
export type { HbaLineEditor, HbaLines, HbaRuleList } from "./hba/list";
export type { ManagedHbaRules } from "./hba/managed";
export type {
  HbaChangeOptions,
  HbaConnection,
  HbaCreateOptions,
  HbaDatabase,
  HbaDropOptions,
  HbaLine,
  HbaPlace,
  HbaRule,
  HbaUser,
  ManagedHbaRule,
  ObservedHbaRule,
} from "./hba/types";
export { hooks } from "./hooks";
export type { Int64 } from "./int64";
export type { LentClient, LentConnection, LentPool } from "./lent-adapter";
export type {
  DatabaseObject,
  ObjectMethods,
  ReplicationSlotObject,
  RoleObject,
  SchemaObject,
  WithOid,
} from "./managed-object";
export type { Adoption } from "./objects/common";
export type { DatabaseAttributes, DatabaseComputed, DatabaseProperties } from "./objects/database";
export type {
  BackupAtPath,
  FinalBackup,
  FinalBackupOptions,
  RestoreFrom,
  RestoreFromOptions,
} from "./objects/database-backup";
export type { DatabaseLocale } from "./objects/database-locale";
export type { DatabaseMethods, DatabaseStatus } from "./objects/database-object";
export type { NameInSchema } from "./objects/in-schema";
export type { LargeObjectAttributes } from "./objects/large-object";
export type {
  LargeObjectCollection,
  LargeObjectMethods,
  LargeObjectObject,
  NewLargeObject,
} from "./objects/large-object-object";
export type {
  LogicalReplicationSlotProperties,
  PhysicalReplicationSlotProperties,
  ReplicationSlotAttributes,
  ReplicationSlotComputed,
  ReplicationSlotOptions,
  ReplicationSlotProperties,
} from "./objects/replication-slot";
export type { ReplicationSlotHorizon, ReplicationSlotMethods } from "./objects/replication-slot-object";
export type { RoleAttributes, RoleComputed, RoleProperties } from "./objects/role";
export type { OnDelete } from "./objects/role-hand-over";
export type { RoleMembership } from "./objects/role-memberships";
export type { RoleMethods } from "./objects/role-object";
export type {
  RoutineAttributes,
  RoutineChanges,
  RoutineComputed,
  RoutineKind,
  RoutineObject,
  RoutineProperties,
} from "./objects/routine";
export type { RoutineCollection, RoutineName } from "./objects/routine-collection";
export type { SchemaAttributes, SchemaComputed, SchemaProperties } from "./objects/schema";
export type { SequenceAttributes, SequenceComputed, SequenceProperties } from "./objects/sequence";
export type { SequenceColumn } from "./objects/sequence-column";
export type {
  NewSequence,
  SequenceMethods,
  SequenceObject,
  SequenceState,
} from "./objects/sequence-object";
export type { SequenceDataType } from "./objects/sequence-range";
export type {
  TableAttributes,
  TableChanges,
  TableComputed,
  TableKind,
  TableObject,
  TableProperties,
} from "./objects/table";
export type { ViewAttributes, ViewChanges, ViewComputed, ViewObject, ViewProperties } from "./objects/view";
export type { OwnedObject, ReassignOptions } from "./ownership";
export type { PasswordFunction } from "./password-source";
export type { TerminateOptions } from "./sessions";
export type { ConnectionSettings, CoreSettings, Duration, SslMode } from "./settings";
export { ShellCommandError, type ShellOptions, type ShellResult, shellWord } from "./shell";
export { identifier, join, keyword, literal, Sql, type SqlValue, secretLiteral, sql } from "./sql";
