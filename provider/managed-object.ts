import type { Cluster } from "./cluster";
import type { ObjectType, Observed, Statement, Values } from "./definition";
import { NotFoundError } from "./errors";
import { desiredValues, isShown, pathOf } from "./fields";
import type { DatabaseAttributes, DatabaseProperties } from "./objects/database";
import type { DatabaseMethods } from "./objects/database-object";
import type {
  ReplicationSlotAttributes,
  ReplicationSlotComputed,
  ReplicationSlotProperties,
} from "./objects/replication-slot";
import type { ReplicationSlotMethods } from "./objects/replication-slot-object";
import type { RoleAttributes, RoleProperties } from "./objects/role";
import type { RoleMethods } from "./objects/role-object";
import type { SchemaAttributes, SchemaProperties } from "./objects/schema";
import { hasIdentity, keyOf, observe } from "./observe";
import { alter, called, checkValues, drop, planAlter } from "./reconcile";
import type { Sql } from "./sql";
import { sameValue } from "./values";

/** What can be done with every object, whatever its type: attributes P, and what a drop takes beside them. */
export interface ObjectMethods<P, D = P> {
  /** Changes attributes; only differences are sent, in one transaction where PostgreSQL allows it. */
  alter(changes: Partial<P>): Promise<void>;
  /** Drops the object. Refuses what would destroy data and is not opted in to (`dropNonEmpty`, `dropCascade`, …). */
  drop(options?: Partial<D>): Promise<void>;
  /** Reads the attributes again. Throws a NotFoundError when the object is gone. */
  refresh(): Promise<void>;
  /** The SQL that creates the object again, or one like it under another name. A role's script carries its verifier. */
  script(options?: Partial<Pick<P, Extract<keyof P, "name" | "schema">>>): Promise<string>;
}

/** What an object shows: every attribute, and null only for those that have no value by default. */
export type Shown<P, N extends keyof P = never> = {
  readonly [A in keyof P]-?: A extends N ? NonNullable<P[A]> | null : NonNullable<P[A]>;
};

/** What has an oid. */
export interface WithOid {
  /** The oid in the catalogue. */
  readonly oid: number;
}

/** A role of the server. */
export type RoleObject = WithOid &
  RoleMethods &
  ObjectMethods<RoleProperties> &
  Shown<RoleAttributes, "comment" | "validUntil">;
/** A database of the server. */
export type DatabaseObject = WithOid &
  DatabaseMethods &
  ObjectMethods<DatabaseProperties> &
  Shown<DatabaseAttributes, "comment" | "icuLocale" | "icuRules" | "builtinLocale">;
/** A schema of the current database. */
export type SchemaObject = WithOid & ObjectMethods<SchemaProperties> & Shown<SchemaAttributes, "comment">;

/** A replication slot of the server. */
export type ReplicationSlotObject = ReplicationSlotMethods &
  ObjectMethods<ReplicationSlotProperties> &
  Readonly<ReplicationSlotAttributes & ReplicationSlotComputed>;

/** An object of any type, as the collections hand it out. Every attribute of the field table is a property. */
export class ManagedObject implements ObjectMethods<Values> {
  /** @internal */
  constructor(
    protected readonly cluster: Cluster,
    // Not `type`: that is an attribute of some objects.
    protected readonly objectType: ObjectType,
    protected observed: Observed,
  ) {
    const attributes = Object.entries(objectType.fields).flatMap(([name, field]) =>
      isShown(field, name, observed) && !field.secret ? [name] : [],
    );
    const computed = Object.keys(objectType.computed).filter((name) => name in observed.values);
    for (const name of new Set([...attributes, ...computed])) {
      Object.defineProperty(this, name, { enumerable: true, get: () => this.observed.values[name] });
    }
    // What belongs to the object's workings is not part of what is printed.
    for (const hidden of ["cluster", "objectType", "observed"])
      Object.defineProperty(this, hidden, { enumerable: false });
  }

  get oid(): number | undefined {
    return this.observed.oid;
  }

  /** @internal What messages call it. */
  protected get called(): string {
    return called(this.objectType, pathOf(this.objectType, this.observed.values));
  }

  async alter(changes: Values): Promise<void> {
    const declared = checkValues(this.objectType, changes);
    await this.refresh(); // compared with what is there now, under the name that it has now
    await alter(this.cluster, this.objectType, this.observed, desiredValues(this.objectType, declared, {}), {});
    await this.refresh();
  }

  /** @internal Whether it is of the same server, through the same connections. */
  isIn(cluster: Cluster): boolean {
    return this.cluster.adapter === cluster.adapter;
  }

  /** @internal The statements of a change as things are now, for what changes several objects at once. */
  async plan(changes: Values): Promise<Statement[]> {
    const declared = checkValues(this.objectType, changes);
    await this.refresh();
    const statements = await planAlter(
      this.cluster,
      this.objectType,
      this.observed,
      desiredValues(this.objectType, declared, {}),
    );
    return statements.map((statement) => ({ database: this.cluster.currentDatabase, ...statement }));
  }

  async drop(options: Values = {}): Promise<void> {
    const { objectType } = this;
    const fields = { ...objectType.fields, ...objectType.dropOptions };
    const declared = checkValues({ ...objectType, fields }, options);
    await this.refresh(); // its name may be another object's by now
    await drop(this.cluster, this.objectType, this.observed, declared);
  }

  async refresh(): Promise<void> {
    const observed = await observe(this.cluster, this.objectType, keyOf(this.objectType, this.observed));
    if (observed === undefined || !hasIdentity(this.objectType, observed, this.observed.values)) {
      throw new NotFoundError("does not exist any more", {
        object: this.called,
      });
    }
    this.observed = observed;
  }

  async script(options: Values = {}): Promise<string> {
    if (this.objectType.script !== undefined) {
      const as = checkValues(this.objectType, options);
      await this.refresh();
      return asScript(await this.objectType.script(this.cluster, this.observed, as));
    }
    const { facts, currentDatabase } = this.cluster;
    const shown = { ...this.observed.values, ...this.objectType.scriptValues?.(this.observed), ...options };
    const values = Object.entries(shown).filter(([name, value]) => {
      const field = this.objectType.fields[name];
      return field?.default === undefined || value === undefined || !sameValue(field.value, value, field.default);
    });
    // Written for whoever may create it, not for the rights we happen to have.
    const statements = this.objectType.create(Object.fromEntries(values), {
      server: { ...facts, user: "", superuser: true },
      roles: new Map(),
      databases: new Map(),
      schemas: new Map(),
      database: currentDatabase,
      serverHashesPasswords: false,
    });
    return asScript(statements.map(({ sql }) => sql));
  }
}

function asScript(statements: readonly Sql[]): string {
  return statements.map(({ text }) => `${text};\n`).join("");
}
