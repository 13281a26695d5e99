/**
 * What an object type is. One definition drives check, diff, SQL, read, the imperative collections and the docs.
 *
 * One law for all of them: observe, compare, apply the difference, observe again. The middle is pure: statements come
 * from what was observed, what is desired, and facts about the server.
 */

import type { Cluster } from "./cluster";
import type { Perform, Source } from "./elsewhere";
import type { DriverError, PostgresError } from "./errors";
import type { Facts, ServerFacts } from "./facts";
import type { NameNow } from "./renamed";
import type { Sql } from "./sql";
import type { Json, ValueType } from "./values";

/** Attribute values by attribute name. */
export type Values = Record<string, Json>;

/**
 * What changing an attribute does:
 * - `update`: changed in place;
 * - `address`: says where the object is; an object cannot move, but its database may have been renamed;
 * - `identity`: says which object it is; with another value, the resource lets go of one and takes over the other;
 * - `guard`: could only be changed by dropping and creating again, which is refused unless opted in to;
 * - `createOnly`: used when the object is created, never compared afterwards;
 * - `trigger`: says by changing that something is to be done again;
 * - `replace`: changing it deletes what there is and creates it anew;
 * - `option`: about this package's own behaviour; nothing is sent.
 */
export type FieldChange = "update" | "address" | "identity" | "guard" | "createOnly" | "trigger" | "replace" | "option";

/** From which version of PostgreSQL on a server knows an attribute, or some of its values. */
export interface Since {
  /** The major version. */
  readonly version: number;
  /** The values that take it. Default: every value. */
  readonly only?: (value: Json) => boolean;
  /** What these values are called, for messages and the documentation: `icu`. */
  readonly what?: string;
}

/** What an attribute's own statements are made from. */
export interface Change {
  /** The kind and name of the object: `ROLE "app"`. */
  readonly target: Sql;
  /** The object as it is; undefined when it is just being created. */
  readonly observed: Observed | undefined;
  /** The desired value of the attribute. */
  readonly value: Json;
  /** All desired values. */
  readonly desired: Values;
  readonly facts: Facts;
}

/** One attribute of an object type. */
export interface Field {
  /** How values are checked, normalised and compared. */
  readonly value: ValueType;
  /** What changing it does. */
  readonly change: FieldChange;
  /**
   * The value that `null`, and taking a declared attribute away, stand for. Without one, `null` is refused and an
   * attribute taken away stays as it is.
   */
  readonly default?: Json;
  /** Whether taking a declared attribute away leaves it as it is although it has a default. */
  readonly kept?: true;
  /** Whether the value is a secret. */
  readonly secret?: true;
  /** What of the value may be a secret, anything or just some parts, so that no message shows it. */
  readonly confidential?: true | readonly string[];
  /** Whether it is no argument of its own: the base class of the resources fills it in from a resource option. */
  readonly hidden?: true;
  /** The roles that a value names, which must exist. */
  readonly roles?: (value: Json) => string[];
  /** The databases that a value names, for what is not in one of them alone, but lost with any. */
  readonly databases?: (value: Json) => Json[];
  /** The value with the names that others have now, for deletes: it names them as they were called before the run. */
  readonly renaming?: (value: Json, now: NameNow) => Json;
  /** Versions of PostgreSQL that are new enough, where not every supported one is. */
  readonly since?: readonly Since[];
  /** The clause of CREATE, and of ALTER, that sets it. */
  readonly clause?: (value: Json) => Sql;
  /** The statements of its own that set it, for what is not set by a clause of ALTER. A clause goes first in CREATE. */
  readonly statements?: (change: Change) => Statement[];
  /** What the default is, for the documentation, where the value alone does not say it. */
  readonly defaultSays?: string;
  /** What changing it does, for the documentation, where the kind of change alone does not say it. */
  readonly changeSays?: string;
  /** The clause or catalogue column, for the documentation. */
  readonly postgres: string;
}

/** The field table of a type whose declared properties are P. */
export type Fields<P = object> = { readonly [K in keyof P]-?: Field };

/** An object as the server shows it. */
export interface Observed {
  /** Undefined for what has none. */
  readonly oid?: number;
  /** Every attribute that the server shows, declarable and computed ones. */
  readonly values: Values;
  /** What only the type itself understands: memberships with grantors, a password's verifier. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Names an object: the values of the key fields, and the oid where it is known. */
export interface Key {
  readonly path: readonly string[];
  readonly oid?: number;
  /** What is declared, for types whose objects the declaration alone makes one: a list of things with one owner, say. */
  readonly declared?: Values;
}

/** One statement for the runner. */
export interface Statement {
  readonly sql: Sql;
  /** Whether it cannot stand in a transaction block (CREATE DATABASE, DROP DATABASE). */
  readonly alone?: true;
  /** Whether statement and lock timeouts do not apply, because it may rightly take long. */
  readonly unlimited?: true;
  /** The database that it runs in. Default: the one that the object belongs to. */
  readonly database?: string;
  /** Whether it locks nothing but rows of its own object, so that those of other objects may run at the same time. */
  readonly beside?: true;
  /** A database that none of our own connections may stand in meanwhile. */
  readonly without?: string;
  /** Whether part of it is a text of the user's, so that the server must take the whole for one statement. */
  readonly single?: true;
  /** Is given the rows that it returns, unless it stands alone. Where the transaction is tried again, it is called again. */
  readonly rows?: (rows: readonly unknown[]) => void;
  /** As `rows`: the statements that these lead to, which are run next in the same transaction. */
  readonly next?: (rows: readonly unknown[]) => readonly Statement[];
  /** What `next` is expected to lead to, for previews, which show no statement that only looks. Default: nothing. */
  readonly foreseen?: readonly Statement[];
  /** What to run when this statement fails, to take back what came before it. */
  readonly undo?: readonly Statement[];
  /** How it is done when it is no SQL, or more; `sql` is then for people to read. It must be `alone`. */
  readonly perform?: Perform;
  /**
   * Whether it may be done again when its connection was lost before anything was committed, or when it met another one.
   * Default: when it met another one, and when its connection was lost unless it is `alone`.
   */
  readonly repeatable?: boolean;
}

/** How the catalogue is asked for objects of a type. */
export interface Catalogue {
  /** `SELECT … FROM …` without WHERE. */
  readonly select: string;
  /** The expressions of the key fields, in order. */
  readonly key: readonly string[];
  /** Their types, where they are not `name`. */
  readonly keyTypes?: readonly (string | undefined)[];
  /** The expression of the oid. Default: objects of this type have none. */
  readonly oid?: string;
  /** The catalogue whose oids these are, where extensions can have such objects: `pg_class`. */
  readonly table?: string;
}

/** A type of PostgreSQL objects. */
export type ObjectType = CatalogueType | SourceType;

/** A type whose objects are in the catalogue. */
export interface CatalogueType extends CommonType {
  /** The catalogue query for a server. */
  catalogue(server: ServerFacts): Catalogue;
  /** Reads one row of it. */
  toObserved(row: Readonly<Record<string, unknown>>): Observed;
  readonly source?: undefined;
}

/** A type whose objects are somewhere else. */
export interface SourceType extends CommonType {
  readonly source: Source;
}

/** A type of resources, as far as its inputs and messages go: what there is to check, to compare and to call by name. */
export interface ResourceType {
  /** The resource type, as in the type token: `Role`. */
  readonly type: string;
  /** The word for messages: `role`. */
  readonly noun: string;
  /** How messages show the values of the key fields. Default: as names, with dots between. */
  shown?(path: readonly string[]): string;
  /** The field table. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The key fields, in order: `["name"]`. */
  readonly key: readonly string[];
  /** Whether what is of this type lives in one database, which has names of its own for it. */
  readonly perDatabase: boolean;
  /**
   * Whether an object whose name is one of the whole server belongs to a database all the same. `database` and
   * `databaseOid` are then among the observed values. Default: none does.
   */
  belongsToDatabase?(values: Values): boolean;
  /**
   * Whether its objects are made elsewhere: a resource takes over the one that is there, and lets go of it on delete.
   * Default: resources create and drop them.
   */
  readonly found?: true;
  /** What is lost when it is dropped and created anew. Default: what is in it. */
  readonly loses?: string;
  /** Refuses wrong combinations; property and reason, never a secret's value. Values may be unknown. */
  checkTogether?(values: Values): CheckFailure[];
  /** Computed values that are not as they should be: drift, which an update puts right. Default: none ever is. */
  amiss?(computed: Values): Values;
}

interface CommonType extends ResourceType {
  /** What a drop by hand takes beside attributes, where no resource drops such objects. Default: nothing. */
  readonly dropOptions?: Readonly<Record<string, Field>>;
  /**
   * Whether others go with it when it is dropped, which roles own or may use: the roles are then dropped behind it. Default:
   * nothing does that could not be there by itself.
   */
  readonly takesAlong?: true;
  /** For objects without an oid: the attributes that tell one from another that was made under its name. */
  readonly identity?: readonly string[];
  /** Attributes that the server computes, with their meaning. Those among the observed values are outputs. */
  readonly computed: Readonly<Record<string, string>>;

  /** The roles whose facts the statements depend on. */
  rolesInvolved(observed: Observed | undefined, desired: Values, facts: ServerFacts): string[];
  /** The databases whose facts the statements depend on. */
  databasesInvolved(observed: Observed | undefined, desired: Values, current: string): string[];
  /** The schemas whose facts the statements depend on. Default: none. */
  schemasInvolved?(observed: Observed | undefined, desired: Values): string[];

  /** The statements that create an object with the desired values. */
  create(desired: Values, facts: Facts): Statement[];
  /** The statements that bring an observed object to the desired values; none when it has them. */
  alter(observed: Observed, desired: Values, facts: Facts): Statement[];
  /** The statements that drop an observed object. */
  drop(observed: Observed, options: Values, facts: Facts): Statement[];
  /** The statements that let go of an adopted object. Default: it is left as it is, and nobody is asked. */
  release?(observed: Observed, options: Values, facts: Facts): Statement[];

  /**
   * An object that nobody has looked at: it has these values, declared ones and defaults. Default: there is no more to it
   * than these.
   *
   * @param wanted what is declared of it now
   */
  assumed?(values: Values, server: ServerFacts, wanted: Values): Observed;
  /** Values as observed from the point of view of what is declared, where that plays a part. */
  seen?(observed: Observed, declared: Values): Values;
  /** Replaces desired values that are not sent as they are, before planning: a password by its verifier, or nothing. */
  prepare?(desired: Values, context: PrepareContext): Promise<Values>;
  /** The values of the key fields as the server spells them, where they may be declared in other words. Default: as they are. */
  spelled?(cluster: Cluster, properties: Values): Promise<readonly string[]>;
  /** The statements that drop an object and create it anew, as far as they are known without another look at it. */
  anew?(observed: Observed, desired: Values, facts: Facts): Statement[];
  /**
   * The statements that make a change in another way, after it was refused in place: by dropping and creating anew, where
   * that was opted in to. Undefined: the refusal stands.
   */
  instead?(
    cluster: Cluster,
    observed: Observed,
    desired: Values,
    facts: Facts,
    refusal: PostgresError,
  ): Promise<Statement[] | undefined>;
  /** The statements of a script that more than its values go into; `as` are the values that a clone has instead. */
  script?(cluster: Cluster, observed: Observed, as: Values): Promise<Sql[]>;
  /** Attributes beside the observed values that a script carries: a role's verifier. */
  scriptValues?(observed: Observed): Values;
  /** Computed values that follow from prepared values, so that what was just sent need not be verified. */
  remember?(prepared: Values): Values;
  /** What values that cannot be compared as they are look like on the server, and what to remember to compare them by. */
  verify?(observed: Observed, state: Values): Promise<Verified>;
  /**
   * Refuses, before the first statement, a creation or change that cannot succeed, where it takes another look at the
   * server to see that.
   */
  beforeChange?(cluster: Cluster, observed: Observed | undefined, desired: Values, facts: Facts): Promise<void>;
  /**
   * Refuses, before the first statement, a drop that cannot succeed or would destroy what was not opted in to. Returns
   * the statements that clear the way, where that was opted in to.
   */
  beforeDrop?(cluster: Cluster, observed: Observed, options: Values, facts: Facts): Promise<Statement[]>;
  /** What others say about an object, and lose when it is dropped. Default: nothing that matters. */
  // biome-ignore lint/suspicious/noExplicitAny: what it looks like is between its two functions
  readonly saidByOthers?: SaidByOthers<any>;
  /** What the reader can do about an error of the server, where this type knows more than others. */
  remedy?(error: ServerError, intent: string, facts: Facts): string | undefined;
}

/** What others say about an object, for the one of its name that is made after it is dropped. */
export interface SaidByOthers<S = unknown> {
  /** What they say; undefined for nothing. */
  look(cluster: Cluster, observed: Observed): Promise<S | undefined>;
  /** Says it about the new object. What cannot be said any more is left: the object itself is there. */
  restore(cluster: Cluster, values: Values, said: S): Promise<void>;
}

/** An error of the server, as remedies see it. */
export type ServerError = Pick<DriverError, "code" | "message" | "hint">;

/** What {@link ObjectType.prepare} knows. */
export interface PrepareContext {
  readonly observed: Observed | undefined;
  /** What was applied last, from state. */
  readonly previous: Values;
  readonly facts: Facts;
}

/** The outcome of {@link ObjectType.verify}. */
export interface Verified {
  /** The values to show for what is declared: as declared when they match. */
  readonly values: Values;
  /** Computed values to keep in state for the next time. */
  readonly remember: Values;
}

/** A property that is not acceptable, and why. */
export interface CheckFailure {
  /** Empty for a secret: the engine prints the value of the property named here. */
  readonly property: string;
  readonly reason: string;
}
