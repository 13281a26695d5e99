/** Replication slots: `pg_create_logical_replication_slot` and its kin, `pg_replication_slots`. */

import type { CatalogueType, CheckFailure, Fields, Observed, Statement, Values } from "../definition";
import type { Facts, ServerFacts } from "../facts";
import { join, literal, quoted, sql } from "../sql";
import { flag, objectName, oneOf, slotName } from "../values";
import { type Adoption, commonFields, option, textOf } from "./common";
import { dropSlot, refuseActive } from "./replication-slot-drop";

/** What can be declared of a slot of either kind. */
export interface ReplicationSlotOptions extends Adoption {
  /**
   * Name of the slot: 1 to 63 lower-case letters, digits and underscores, unique on the whole server. A slot cannot be
   * renamed: a change is refused unless `allowReplace` is set.
   */
  name: string;
  /**
   * Allow a change that takes dropping the slot and creating it anew, which then starts at the server's current position.
   * Default false: the change is refused.
   */
  allowReplace?: boolean | null;
  /** End the consumer of an active slot when it is dropped. Default false: the drop is refused, with the consumer's pid. */
  terminateOnDelete?: boolean | null;
}

/** What can be declared of a logical slot. Nothing of it can be changed in place. */
export interface LogicalReplicationSlotProperties extends ReplicationSlotOptions {
  /** The kind of slot: `logical`, a stream of the changes in one database, decoded by a plugin. */
  type: "logical";
  /** The database it is in. Default: the connection's. Follows a rename; a slot cannot move to another database. */
  database?: string;
  /** The output plugin, such as `pgoutput`, which every server has. */
  plugin: string;
  /** Whether prepared transactions are sent when they are prepared (`two_phase`). Default false. */
  twoPhase?: boolean | null;
  /** Whether it is kept in step on standbys, to go on there after a failover (`failover`, 17 and newer). Default false. */
  failover?: boolean | null;
}

/** What can be declared of a physical slot. */
export interface PhysicalReplicationSlotProperties extends ReplicationSlotOptions {
  /** The kind of slot: `physical`, which keeps WAL for a standby or a receiver. */
  type: "physical";
  /** Keep WAL from the creation on, not only once a consumer has connected. Default false. Used at creation only. */
  immediatelyReserve?: boolean | null;
}

/** What can be declared of a replication slot. `type` says which of the two it is. */
export type ReplicationSlotProperties = LogicalReplicationSlotProperties | PhysicalReplicationSlotProperties;

/** What a server shows of a slot, beside what moves. */
export interface ReplicationSlotAttributes {
  /** Name of the slot. */
  name: string;
  /** The kind of slot. */
  type: "logical" | "physical";
  /** The database of a logical slot. */
  database: string | null;
  /** The output plugin of a logical slot. */
  plugin: string | null;
  /** Whether prepared transactions are sent when they are prepared. */
  twoPhase: boolean;
  /** Whether it is kept in step on standbys. */
  failover: boolean;
}

/** Where a slot's stream is: as it was when the slot was last created, updated or read. Movement is never drift. */
export interface ReplicationSlotComputed {
  /** Whether a consumer is connected to it. */
  active: boolean;
  /** The process of that consumer. */
  activePid: number | null;
  /** The oldest WAL that its consumer may still need, such as `0/16B3748`. */
  restartLsn: string | null;
  /** Up to where the consumer of a logical slot has confirmed to have received the data. */
  confirmedFlushLsn: string | null;
  /** Whether the WAL is there: `reserved`, `extended`, `unreserved`, or `lost`, when the slot cannot be used any more. */
  walStatus: string | null;
  /** How many bytes of WAL can be written before it may be lost; none where there is no limit. Text: it may be huge. */
  safeWalSize: string | null;
  /** Why the slot cannot be used any more, if so. Before 17 the server gives only `wal_removed` away. */
  invalidationReason: string | null;
}

type Attribute<P> = P extends unknown ? keyof P : never;

const fields: Fields<Record<Attribute<ReplicationSlotProperties> | "customTimeouts", unknown>> = {
  type: {
    value: oneOf("logical", "physical"),
    change: "guard",
    postgres: "pg_create_logical_replication_slot, pg_create_physical_replication_slot",
  },
  name: { value: slotName, change: "guard", postgres: "slot_name" },
  database: { value: objectName, change: "address", postgres: "current_database()" },
  plugin: { value: objectName, change: "guard", postgres: "plugin" },
  twoPhase: { value: flag, change: "guard", default: false, kept: true, postgres: "twophase" },
  failover: {
    value: flag,
    change: "guard",
    default: false,
    kept: true,
    since: [{ version: 17, only: (value) => value === true }],
    postgres: "failover",
  },
  immediatelyReserve: { value: flag, change: "createOnly", default: false, postgres: "immediately_reserve" },
  allowReplace: option("pg_drop_replication_slot; pg_create_…_replication_slot"),
  terminateOnDelete: option("pg_terminate_backend"),
  ...commonFields,
};

/** Temporary slots are left out: they are a session's own, and go with it. */
function catalogue({ major }: ServerFacts) {
  // PostgreSQL 16 calls a logical slot conflicting whatever it lost, and takes the position only from one whose WAL is gone.
  const otherwise = major >= 16 ? "AND (s.conflicting IS NOT TRUE OR s.restart_lsn IS NULL)" : "";
  const removed = `CASE WHEN s.wal_status = 'lost' ${otherwise} THEN 'wal_removed' END`;
  return {
    select: `
      SELECT s.slot_name::text AS name, s.slot_type AS type, s.database::text AS database, s.datoid::int8 AS "databaseOid",
             s.plugin::text AS plugin, s.two_phase AS "twoPhase", ${major >= 17 ? "s.failover" : "false"} AS failover,
             s.active, s.active_pid AS "activePid", s.restart_lsn::text AS "restartLsn",
             s.confirmed_flush_lsn::text AS "confirmedFlushLsn", s.wal_status AS "walStatus",
             s.safe_wal_size::text AS "safeWalSize",
             ${major >= 17 ? "s.invalidation_reason" : removed} AS "invalidationReason"
        FROM (SELECT * FROM pg_catalog.pg_replication_slots WHERE NOT temporary) s`,
    key: ["s.slot_name"],
  };
}

function toObserved({ databaseOid, ...values }: Readonly<Record<string, unknown>>): Observed {
  const oid = databaseOid === null ? null : Number(databaseOid);
  return { values: { ...(values as Values), databaseOid: oid }, extra: {} };
}

/** Slots are not part of any transaction, and a logical one cannot be made in one that has written. */
function create(desired: Values): Statement[] {
  const name = literal(String(desired.name));
  if (desired.type === "physical") {
    const reserve = desired.immediatelyReserve === true ? sql`, immediately_reserve => TRUE` : sql``;
    return [{ sql: sql`SELECT pg_catalog.pg_create_physical_replication_slot(${name}${reserve})`, alone: true }];
  }
  const args = [name, literal(String(desired.plugin))];
  if (desired.twoPhase === true) args.push(sql`twophase => TRUE`);
  if (desired.failover === true) args.push(sql`failover => TRUE`);
  const database = textOf(desired, "database");
  const statement: Statement = {
    sql: sql`SELECT pg_catalog.pg_create_logical_replication_slot(${join(args)})`,
    alone: true,
    unlimited: true, // it waits for every transaction that is running
  };
  return [database === undefined ? statement : { ...statement, database }];
}

const LOGICAL_ONLY = ["database", "plugin", "twoPhase", "failover"];
const PHYSICAL_ONLY = ["immediatelyReserve"];

function checkKind(values: Values): CheckFailure[] {
  const { type } = values;
  if (type === undefined) return [{ property: "type", reason: 'is missing: "logical" or "physical"' }];
  if (type !== "logical" && type !== "physical") return []; // not known yet
  const [foreign, other] = type === "logical" ? [PHYSICAL_ONLY, "physical"] : [LOGICAL_ONLY, "logical"];
  const failures = foreign
    .filter((property) => values[property] !== undefined && values[property] !== null)
    .map((property) => ({ property, reason: `is an attribute of ${other} slots, and this one is ${type}` }));
  if (type === "physical" || values.plugin !== undefined) return failures;
  return [...failures, { property: "plugin", reason: "is missing: a logical slot needs one, such as pgoutput" }];
}

function remedy({ code }: { readonly code?: string }, intent: string, { server }: Facts): string | undefined {
  const me = quoted(server.user);
  if (code === "42501") {
    const replication = `It takes the REPLICATION attribute: let an administrator run ALTER ROLE ${me} REPLICATION`;
    return intent === "drop"
      ? `${replication}. To end the consumer of another role it takes GRANT pg_signal_backend TO ${me}, and of a superuser a superuser`
      : replication;
  }
  if (intent !== "create") return undefined;
  if (code === "55000")
    return "Set wal_level to logical (for physical slots: replica) and max_replication_slots above 0, and restart the server";
  if (code === "53400") return "Drop a slot that nobody needs, or raise max_replication_slots and restart the server";
  if (code === "58P01") return "Install the output plugin on the server, or use pgoutput, which every server has";
  if (code === "42710") return "A session holds a temporary slot of this name, or another one was made just now";
  return undefined;
}

/** The definition of replication slots. */
export const replicationSlotType: CatalogueType = {
  type: "ReplicationSlot",
  noun: "replication slot",
  fields,
  key: ["name"],
  identity: ["type", "plugin", "databaseOid"],
  perDatabase: false,
  belongsToDatabase: ({ type }) => type === "logical",
  loses: "its position in the stream",
  computed: {
    databaseOid: "The oid of the database that it is in.",
    active: "Whether a consumer is connected.",
    activePid: "The process of that consumer.",
    restartLsn: "The oldest WAL that its consumer may still need.",
    confirmedFlushLsn: "Up to where the consumer has confirmed to have received the data.",
    walStatus: "Whether the WAL that it needs is there.",
    safeWalSize: "How many bytes of WAL can be written before it may be lost.",
    invalidationReason: "Why it cannot be used any more.",
  },
  catalogue,
  toObserved,
  rolesInvolved: () => [],
  databasesInvolved: () => [],
  create,
  alter: () => [],
  drop: (observed, options) => [dropSlot(String(observed.values.name), options.terminateOnDelete === true)],
  beforeDrop: refuseActive,
  remedy,
  checkTogether: checkKind,
};
