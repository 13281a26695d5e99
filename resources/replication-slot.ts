import * as pulumi from "@pulumi/pulumi";
import type {
  LogicalReplicationSlotProperties,
  PhysicalReplicationSlotProperties,
  ReplicationSlotComputed,
} from "../provider/objects/replication-slot";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { databaseName } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a logical {@link ReplicationSlot}. */
export interface LogicalReplicationSlotArgs
  extends InputsOf<Omit<LogicalReplicationSlotProperties, "type" | "name" | "database">> {
  /** The kind of slot, as plain text: `logical`, a stream of the changes in one database, decoded by a plugin. */
  type: "logical";
  /** Name of the slot: 1 to 63 lower-case letters, digits and underscores. Default: the resource's name. */
  name?: pulumi.Input<string>;
  /**
   * The database it is in: a name, or a {@link Database}. Default: the connection's. Follows a rename; a slot cannot move
   * to another database. The slot is dropped before its database is, so that what guards its drop holds.
   */
  database?: pulumi.Input<string> | Database;
}

/** What can be declared of a physical {@link ReplicationSlot}. */
export interface PhysicalReplicationSlotArgs
  extends InputsOf<Omit<PhysicalReplicationSlotProperties, "type" | "name">> {
  /** The kind of slot, as plain text: `physical`, which keeps WAL for a standby or a receiver. */
  type: "physical";
  /** Name of the slot: 1 to 63 lower-case letters, digits and underscores. Default: the resource's name. */
  name?: pulumi.Input<string>;
}

/** What can be declared of a {@link ReplicationSlot}. `type` is plain text and says which of the two it is. */
export type ReplicationSlotArgs = LogicalReplicationSlotArgs | PhysicalReplicationSlotArgs;

/** The attributes of both kinds; those of the other kind are undefined. */
interface Attributes
  extends Omit<LogicalReplicationSlotProperties, "type" | "plugin">,
    Omit<PhysicalReplicationSlotProperties, "type"> {
  type: "logical" | "physical";
  plugin?: string;
}

/** The outputs of a {@link ReplicationSlot}: what is declared, as the server has it, and where its stream was then. */
export interface ReplicationSlot extends OutputsOf<Attributes & ReplicationSlotComputed> {}

const definition: ResourceDefinition<Attributes, ReplicationSlotComputed> = {
  type: "ReplicationSlot",
  attributes: {
    type: undefined,
    name: undefined,
    database: undefined,
    plugin: undefined,
    twoPhase: undefined,
    failover: undefined,
    immediatelyReserve: undefined,
    allowReplace: undefined,
    terminateOnDelete: undefined,
    adopt: undefined,
    dropOnDelete: undefined,
  },
  computed: {
    active: undefined,
    activePid: undefined,
    restartLsn: undefined,
    confirmedFlushLsn: undefined,
    walStatus: undefined,
    safeWalSize: undefined,
    invalidationReason: undefined,
  },
};

/**
 * A replication slot (`pg_create_logical_replication_slot`, `pg_create_physical_replication_slot`). Nothing of it can be
 * changed in place: what would take a new one loses its position in the stream, and is refused unless allowed. So is
 * dropping one that somebody reads from.
 *
 * @example
 * const cdc = new pgmob.ReplicationSlot("cdc", { type: "logical", database: shop, plugin: "pgoutput" });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class ReplicationSlot extends pulumi.CustomResource {
  /** Declares a slot. Without `name`, it is called like the resource. */
  constructor(name: string, args: ReplicationSlotArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, databaseName(args), options));
    fullTraces();
  }

  /** Looks up a slot that is managed elsewhere, by its name. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): ReplicationSlot {
    return new ReplicationSlot(name, {} as ReplicationSlotArgs, { ...options, id });
  }
}

completeClass(ReplicationSlot, definition);
