/** Databases: `CREATE DATABASE`, `pg_database`. */

import type { Fields, ObjectType, Observed, Statement, Values } from "../definition";
import { RefusedError } from "../errors";
import type { Facts } from "../facts";
import { differences } from "../fields";
import { missingRights, withRightsOf } from "../rights";
import { identifier, join, literal, sql } from "../sql";
import { encoding, objectName } from "../values";
import { adoptionFields, nameField, option, ownerField, ownerTo, renameTo, textOf } from "./common";
import { refuseDatabaseInUse } from "./database-contents";

/** What can be declared of a database. What is not declared is never touched. */
export interface DatabaseProperties {
  /** Name of the database, at most 63 bytes. Changing it renames in place; no other session may be in it then. */
  name: string;
  /** The role that owns it. Default: the role that creates it. Changed in place (`OWNER TO`). */
  owner?: string;
  /**
   * Character encoding (`ENCODING`), in any spelling the server knows. Default: the template's. It cannot be changed in
   * place: a change is refused unless `allowReplace` is set.
   */
  encoding?: string;
  /**
   * The database that is copied (`TEMPLATE`). Default: `template1`, or `template0` where the encoding differs. Used at
   * creation, never compared afterwards.
   */
  template?: string;
  /** Terminate the sessions in it when it is dropped (`DROP DATABASE … WITH (FORCE)`). Default false: the drop is refused. */
  forceDrop?: boolean | null;
  /** Drop it although it holds tables. Default false: the drop is refused. */
  dropNonEmpty?: boolean | null;
  /**
   * Allow a change that takes dropping the database and creating it anew (of `encoding`). Default false: the change is
   * refused. `forceDrop` and `dropNonEmpty` still guard the drop.
   */
  allowReplace?: boolean | null;
  /** Take over a database that is there already, applying only the difference; it is then released on delete. */
  adopt?: boolean | null;
  /** Drop the database on delete although it was adopted. Default false. */
  dropOnDelete?: boolean | null;
}

/** What the server knows of a database beside what is declared. */
export interface DatabaseComputed {
  /** The database's oid in `pg_database`. */
  oid: number;
}

const KIND = "DATABASE";
const DEFAULT_TEMPLATE = "template1";
const PRISTINE_TEMPLATE = "template0";

const fields: Fields<DatabaseProperties> = {
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  encoding: { value: encoding, change: "guard", postgres: "CREATE DATABASE … ENCODING" },
  template: { value: objectName, change: "createOnly", postgres: "CREATE DATABASE … TEMPLATE" },
  forceDrop: option("DROP DATABASE … WITH (FORCE)"),
  dropNonEmpty: option("DROP DATABASE"),
  allowReplace: option("DROP DATABASE; CREATE DATABASE"),
  ...adoptionFields,
};

const CATALOGUE = {
  select: `
    SELECT d.oid::int8 AS oid, d.datname::text AS name, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
           pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding
      FROM pg_catalog.pg_database d`,
  key: ["d.datname"],
  oid: "d.oid",
};

/** The template, where one must be named: another encoding than template1's takes the pristine one. */
function templateOf(desired: Values, facts: Facts): string | undefined {
  const declared = textOf(desired, "template");
  const wanted = textOf(desired, "encoding");
  const inherited = facts.databases.get(DEFAULT_TEMPLATE)?.encoding;
  if (declared !== undefined || wanted === undefined) return declared;
  const inherits = inherited !== undefined && encoding.normalise(wanted) === encoding.normalise(inherited);
  return inherits ? undefined : PRISTINE_TEMPLATE;
}

function create(desired: Values, facts: Facts): Statement[] {
  const name = String(desired.name);
  const owner = textOf(desired, "owner");
  const template = templateOf(desired, facts);
  const wanted = textOf(desired, "encoding");
  // Who may not make the owner an owner at once creates for itself first, and hands over in a transaction.
  const handOver = owner !== undefined && missingRights([owner], facts).length > 0;
  const clauses = [sql`CREATE DATABASE ${identifier(name)}`];
  if (owner !== undefined && !handOver) clauses.push(sql`OWNER ${identifier(owner)}`);
  if (template !== undefined) clauses.push(sql`TEMPLATE ${identifier(template)}`);
  if (wanted !== undefined) clauses.push(sql`ENCODING ${literal(encoding.normalise(wanted) as string)}`);
  const source = template ?? DEFAULT_TEMPLATE;
  const statement: Statement = {
    sql: join(clauses, " "),
    alone: true,
    unlimited: true,
    ...(source === facts.database ? {} : { without: source }),
  };
  return [statement, ...(handOver ? withRightsOf([owner], facts, [ownerTo(KIND, name, owner)]) : [])];
}

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(databaseType, observed, desired);
  const before = String(observed.values.name);
  const owner = String(observed.values.owner);
  const newOwner = String(desired.owner);
  const statements: Statement[] = [];
  if (changed.has("name")) {
    refuseOwnDatabase(before, "rename", facts);
    statements.push({ ...renameTo(KIND, before, String(desired.name)), without: before });
  }
  const name = changed.has("name") ? String(desired.name) : before;
  if (changed.has("owner")) statements.push(ownerTo(KIND, name, newOwner));
  return withRightsOf(changed.has("owner") ? [owner, newOwner] : [owner], facts, statements);
}

function drop(observed: Observed, options: Values, facts: Facts): Statement[] {
  const name = String(observed.values.name);
  const owner = String(observed.values.owner);
  refuseOwnDatabase(name, "drop", facts);
  const force = options.forceDrop === true ? sql` WITH (FORCE)` : sql``;
  const statement: Statement = {
    sql: sql`DROP DATABASE ${identifier(name)}${force}`,
    alone: true,
    unlimited: true,
    without: name,
  };
  // DROP DATABASE takes no transaction in which rights could be lent, so the database itself changes hands first.
  const takeOver = withRightsOf([owner], facts, [ownerTo(KIND, name, facts.server.user)]);
  if (takeOver.length === 1) return [statement];
  return [...takeOver, { ...statement, undo: withRightsOf([owner], facts, [ownerTo(KIND, name, owner)]) }];
}

function refuseOwnDatabase(name: string, intent: string, facts: Facts): void {
  if (name !== facts.database) return;
  throw new RefusedError(`the connection itself is to this database, so it cannot ${intent} it`, {
    remedy: "Give the Provider another `database`",
  });
}

/** The definition of databases. */
export const databaseType: ObjectType = {
  type: "Database",
  noun: "database",
  fields,
  key: ["name"],
  perDatabase: false,
  computed: { oid: "The database's oid in pg_database." },
  catalogue: () => CATALOGUE,
  toObserved: ({ oid, ...values }) => ({ oid: Number(oid), values: values as Values, extra: {} }),
  rolesInvolved: (observed, desired) =>
    [textOf(desired, "owner"), textOf(observed?.values ?? {}, "owner")].filter((role) => role !== undefined),
  databasesInvolved: () => [DEFAULT_TEMPLATE],
  create,
  alter,
  drop,
  beforeDrop: refuseDatabaseInUse,
};
