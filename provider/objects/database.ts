/** Databases: `CREATE DATABASE`, `pg_database`. */

import { type Config, configOf } from "../config";
import { localeColumns } from "../database-columns";
import type { CatalogueType, Fields, Observed, Statement, Values } from "../definition";
import type { Facts, ServerFacts } from "../facts";
import { differences } from "../fields";
import { missingRights, withRightsOf } from "../rights";
import { identifier, join, sql } from "../sql";
import { FIRST_NORMAL_OID, GREATEST_OID } from "../system";
import { flag, objectName, oneOf, text, wholeNumber } from "../values";
import {
  type Adoption,
  alterClauses,
  alterStatements,
  clauseField,
  commentField,
  commonFields,
  createClauses,
  createStatements,
  nameField,
  option,
  ownerField,
  ownerTo,
  renameTo,
  targetOf,
  textOf,
} from "./common";
import { asJson, configColumn, configField, entriesOf } from "./config-field";
import {
  type FinalBackup,
  finalBackupField,
  type RestoreFrom,
  restoreFromField,
  restoreFromOf,
} from "./database-backup";
import { refuseDatabaseInUse } from "./database-contents";
import { asOwner, dropDatabase, refuseOwnDatabase } from "./database-hand-over";
import {
  checkLocale,
  type DatabaseLocale,
  DEFAULT_TEMPLATE,
  forVersion,
  localeFields,
  seenLocale,
  templateOf,
} from "./database-locale";
import { createFilled } from "./database-restore";
import { roleSettings } from "./database-role-settings";

/** What a server shows of a database. What is not declared is never touched. */
export interface DatabaseAttributes extends DatabaseLocale {
  /** Name of the database, at most 63 bytes. Changing it renames in place; no other session may be in it then. */
  name: string;
  /** The role that owns it. Default: the role that creates it. Changed in place (`OWNER TO`). */
  owner?: string;
  /**
   * Where its files are (`TABLESPACE`). Default `pg_default`. Changed in place, which copies every file of the database
   * and takes that nobody is in it (`SET TABLESPACE`).
   */
  tablespace?: string | null;
  /** The most sessions in it at one time (`CONNECTION LIMIT`); -1 means no limit, 0 none. Default -1. Changed in place. */
  connectionLimit?: number | null;
  /** Whether one can connect to it (`ALLOW_CONNECTIONS`). Default true. Changed in place. */
  allowConnections?: boolean | null;
  /** Whether every role with CREATEDB may copy it (`IS_TEMPLATE`). Default false. Changed in place. */
  isTemplate?: boolean | null;
  /**
   * Configuration parameters set for the database (`ALTER DATABASE … SET`). Declared: exactly these; `{}` and `null` mean
   * none. Values are compared as the server means them: `30s` is 30000. Changed in place, for new sessions.
   */
  config?: Config | null;
  /** Comment on the database (`COMMENT ON DATABASE`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a database. */
export interface DatabaseProperties extends DatabaseAttributes, Adoption {
  /**
   * Locale for all that `lcCollate` and `lcCtype` do not say (`LOCALE`), and with the providers `icu` (16 and newer) and
   * `builtin` for theirs. It cannot be changed in place.
   */
  locale?: string;
  /**
   * The database that is copied (`TEMPLATE`). Default: `template1`, or `template0` where encoding or locale differ. Used at
   * creation, never compared afterwards.
   */
  template?: string;
  /** How the template is copied (`STRATEGY`, 15 and newer): `wal_log` or `file_copy`. Used at creation only. */
  strategy?: "wal_log" | "file_copy";
  /** The version of the collation to record (`COLLATION_VERSION`, 15 and newer). Used at creation only. */
  collationVersion?: string;
  /**
   * The oid to give it (`OID`, 15 and newer), at least 16384, for a server that must have those of another. Default: the
   * next one that is free. Used at creation only; the output is the oid that it has.
   */
  oid?: number;
  /**
   * A backup that it is filled from when it is created, with pg_restore, or psql for a plain one. When that fails, the new
   * database is dropped again. Used at creation only: what is adopted is left as it is. Default none. `customTimeouts` count.
   */
  restoreFrom?: RestoreFrom | null;
  /**
   * The backup that is made before it is dropped, with pg_dump: without it, nothing is dropped. From before the backup until
   * the drop nobody gets in (`ALLOW_CONNECTIONS`). It must be applied before the database is taken out of the program.
   * Default none. What is refused without it is refused all the same.
   */
  finalBackup?: FinalBackup | null;
  /**
   * Terminate the sessions in it when it is dropped (`DROP DATABASE … WITH (FORCE)`), and the consumers of its replication
   * slots. Default false: the drop is refused.
   */
  forceDrop?: boolean | null;
  /** Drop it although it holds tables or replication slots. Default false: the drop is refused. */
  dropNonEmpty?: boolean | null;
  /**
   * Allow a change that takes dropping the database and creating it anew (of encoding and locale). Default false: the
   * change is refused. `forceDrop` and `dropNonEmpty` still guard the drop.
   */
  allowReplace?: boolean | null;
}

/** What the server knows of a database beside what is declared. */
export interface DatabaseComputed {
  /** The database's oid in `pg_database`. */
  oid: number;
}

const KIND = "DATABASE";

const fields: Fields<DatabaseProperties & { customTimeouts: unknown }> = {
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  template: {
    value: objectName,
    change: "createOnly",
    clause: (value) => sql`TEMPLATE ${identifier(String(value))}`,
    postgres: "TEMPLATE",
  },
  ...localeFields,
  strategy: clauseField("STRATEGY", {
    value: oneOf("wal_log", "file_copy"),
    change: "createOnly",
    since: [{ version: 15 }],
  }),
  collationVersion: clauseField("COLLATION_VERSION", { value: text, change: "createOnly", since: [{ version: 15 }] }),
  oid: clauseField("OID", {
    value: wholeNumber(FIRST_NORMAL_OID, GREATEST_OID),
    change: "createOnly",
    since: [{ version: 15 }],
  }),
  restoreFrom: restoreFromField,
  tablespace: {
    value: objectName,
    change: "update",
    default: "pg_default",
    clause: (value) => sql`TABLESPACE ${identifier(String(value))}`,
    statements: ({ target, value, observed }) => [
      {
        sql: sql`ALTER ${target} SET TABLESPACE ${identifier(String(value))}`,
        alone: true,
        unlimited: true,
        without: String(observed?.values.name),
      },
    ],
    postgres: "TABLESPACE",
  },
  connectionLimit: clauseField("CONNECTION LIMIT", {
    value: wholeNumber(-1, 2_147_483_647),
    change: "update",
    default: -1,
  }),
  allowConnections: clauseField("ALLOW_CONNECTIONS", { value: flag, change: "update", default: true }),
  isTemplate: clauseField("IS_TEMPLATE", { value: flag, change: "update", default: false }),
  config: configField(KIND),
  comment: commentField(KIND),
  forceDrop: option("DROP DATABASE … WITH (FORCE)"),
  dropNonEmpty: option("DROP DATABASE"),
  finalBackup: finalBackupField,
  allowReplace: option("DROP DATABASE; CREATE DATABASE"),
  ...commonFields,
};

function catalogue({ major }: ServerFacts) {
  const locale = Object.entries(localeColumns(major)).map(([name, expression]) => `${expression} AS "${name}"`);
  return {
    select: `
      SELECT d.oid::int8 AS oid, d.datname::text AS name, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
             ${locale.join(", ")},
             (SELECT t.spcname::text FROM pg_catalog.pg_tablespace t WHERE t.oid = d.dattablespace) AS tablespace,
             d.datconnlimit AS "connectionLimit", d.datallowconn AS "allowConnections", d.datistemplate AS "isTemplate",
             ${configColumn("0", "d.oid")} AS config, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
        FROM pg_catalog.pg_database d`,
    key: ["d.datname"],
    oid: "d.oid",
  };
}

function toObserved({ oid, config, ...values }: Readonly<Record<string, unknown>>): Observed {
  return {
    oid: Number(oid),
    values: { ...(values as Values), config: asJson(configOf(entriesOf(config))) },
    extra: {},
  };
}

function create(declared: Values, facts: Facts): Statement[] {
  const name = String(declared.name);
  const owner = textOf(declared, "owner");
  const template = templateOf(declared, facts);
  const desired: Values = template === undefined ? declared : { ...declared, template };
  // Who may not make the owner an owner at once creates for itself first, and hands over in a transaction.
  const handOver = owner !== undefined && missingRights([owner], facts).length > 0;
  const target = targetOf(KIND, name);
  const [first, then] = restoreFromOf(desired) === undefined ? [desired, {}] : inTwo(desired);
  const clauses = [sql`CREATE ${target}`, ...createClauses(fields, forVersion(first, facts.server))];
  const limits = createClauses(fields, then);
  if (owner !== undefined && !handOver) clauses.splice(1, 0, sql`OWNER ${identifier(owner)}`);
  const source = template ?? DEFAULT_TEMPLATE;
  const statement: Statement = {
    sql: join(clauses, " "),
    alone: true,
    unlimited: true,
    ...(source === facts.database ? {} : { without: source }),
  };
  return [
    createFilled(statement, desired),
    ...(limits.length === 0 ? [] : [{ sql: join([sql`ALTER ${target} WITH`, ...limits], " ") }]),
    ...createStatements(fields, target, desired, facts),
    ...(handOver ? withRightsOf([owner], facts, [ownerTo(target, owner)]) : []),
  ];
}

/** What would keep pg_restore out as well. */
const LIMITS = ["connectionLimit", "allowConnections"];

/** Desired values without what is said when a database has been filled, and that alone. */
function inTwo(desired: Values): [first: Values, then: Values] {
  const entries = Object.entries(desired);
  const part = (late: boolean) => Object.fromEntries(entries.filter(([name]) => LIMITS.includes(name) === late));
  return [part(false), part(true)];
}

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(databaseType, observed, desired);
  const before = String(observed.values.name);
  const owner = String(observed.values.owner);
  const statements: Statement[] = [];
  if (changed.has("name")) {
    refuseOwnDatabase(before, "rename", facts);
    statements.push({ ...renameTo(targetOf(KIND, before), String(desired.name)), without: before });
  }
  const name = changed.has("name") ? String(desired.name) : before;
  const target = targetOf(KIND, name);
  const newOwner = changed.has("owner") ? String(desired.owner) : owner;
  if (changed.has("owner")) statements.push(ownerTo(target, newOwner));
  const clauses = alterClauses(fields, (attribute) => changed.has(attribute), desired);
  if (clauses.length > 0) statements.push({ sql: join([sql`ALTER ${target} WITH`, ...clauses], " ") });
  const own = alterStatements(fields, target, changed, observed, desired, facts);
  statements.push(...own.filter(({ alone }) => !alone));
  const moves = own.filter(({ alone }) => alone).map((move) => ({ ...move, without: name }));
  if (moves.length > 0) refuseOwnDatabase(before, "move", facts);
  return [
    ...withRightsOf([...new Set([owner, newOwner])], facts, statements),
    ...moves.flatMap((move) => asOwner(target, newOwner, facts, move)),
  ];
}

/** The definition of databases. */
export const databaseType: CatalogueType = {
  type: "Database",
  noun: "database",
  fields,
  key: ["name"],
  perDatabase: false,
  takesAlong: true,
  computed: { oid: "The database's oid in pg_database." },
  catalogue,
  toObserved,
  seen: seenLocale,
  rolesInvolved: (observed, desired) =>
    [textOf(desired, "owner"), textOf(observed?.values ?? {}, "owner")].filter((role) => role !== undefined),
  databasesInvolved: () => [DEFAULT_TEMPLATE],
  create,
  alter,
  drop: dropDatabase,
  beforeDrop: refuseDatabaseInUse,
  saidByOthers: roleSettings,
  remedy: ({ message }) =>
    /\blocale\b/.test(message) ? "Declare one that the server's host has: pg_collation lists them" : undefined,
  checkTogether: checkLocale,
};
