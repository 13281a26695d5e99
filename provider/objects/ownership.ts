/** Ownership: a role that is to own single objects, or everything that another role owns. It is no object of its own. */

import type { Cluster } from "../cluster";
import type { CheckFailure, Fields, Observed, SourceType, Statement, Values } from "../definition";
import { declaredOf } from "../fields";
import { called } from "../reconcile";
import { comment, quoted } from "../sql";
import { isUnknown } from "../unknown";
import { isName, objectName } from "../values";
import { everyField, ownerField } from "./common";
import { giveAway, type Holding, holdingsOf } from "./owned-holdings";
import { databaseOf, meaningOf, type OwnedReference, references } from "./owned-reference";

/** What can be declared of an ownership. */
export interface OwnershipProperties {
  /** The role that is to own it all (`OWNER TO`). Changed in place. */
  owner: string;
  /**
   * The objects, each by its kind and name. They must be there. Taken out of the list again, an object keeps its owner. Goes
   * without `reassignOwnedBy`.
   */
  objects?: OwnedReference[] | null;
  /** A role: everything that it owns, now and later (`REASSIGN OWNED BY`). Goes without `objects`. */
  reassignOwnedBy?: string | null;
  /** The database of those `objects` that name none. Default: the connection's. */
  database?: string;
  /** Where `reassignOwnedBy` counts: names of databases, or `"all"`. Default: in the connection's database alone. */
  databases?: "all" | string[] | null;
}

/** What the server knows of an ownership. */
export interface OwnershipComputed {
  /** The objects that the role does not own, and who does; null for one that is not there. Anything in it is drift. */
  notOwned: Record<string, string | null>;
}

const fields: Fields<OwnershipProperties & { customTimeouts: unknown }> = {
  owner: { ...ownerField("…"), postgres: "OWNER TO" },
  objects: {
    value: references,
    change: "update",
    default: null,
    databases: (value) => (value as Values[]).flatMap(databaseOf),
    postgres: "ALTER … OWNER TO",
  },
  reassignOwnedBy: {
    value: objectName,
    change: "update",
    default: null,
    roles: (role) => [String(role)],
    postgres: "REASSIGN OWNED BY, pg_shdepend",
  },
  database: {
    value: objectName,
    change: "update",
    defaultSays: "the connection's",
    databases: (value) => [value],
    postgres: "current_database()",
  },
  databases: {
    value: {
      expects: '"all", or a list of names of databases',
      accepts: (value) => value === "all" || (Array.isArray(value) && value.length > 0 && value.every(isName)),
      normalise: (value) => (Array.isArray(value) ? [...value].sort() : value),
    },
    change: "update",
    default: null,
    defaultSays: "the connection's",
    databases: (value) => (Array.isArray(value) ? value : []),
    postgres: "pg_shdepend",
  },
  ...everyField,
};

function checkTogether({ owner, objects, reassignOwnedBy, database, databases }: Values): CheckFailure[] {
  const given = (value: unknown) => value !== undefined && value !== null;
  const failures: CheckFailure[] = [];
  if (given(objects) === given(reassignOwnedBy))
    failures.push({ property: "", reason: "either objects or reassignOwnedBy says what is to be owned" });
  if (given(databases) && given(objects))
    failures.push({ property: "databases", reason: "goes with reassignOwnedBy; objects have a database of their own" });
  if (given(database) && given(reassignOwnedBy))
    failures.push({ property: "database", reason: "goes with objects; for reassignOwnedBy, set databases" });
  if (given(reassignOwnedBy) && reassignOwnedBy === owner && !isUnknown(owner))
    failures.push({ property: "reassignOwnedBy", reason: "must be another role than owner" });
  return failures;
}

/** Nothing of a declaration itself is on the server: it is what is seen, but for the objects that are somebody else's. */
async function observe(cluster: Cluster, properties: Values): Promise<Observed | undefined> {
  const declared = declaredOf(ownershipType, properties);
  const { objects = null, reassignOwnedBy = null } = declared;
  if (objects === null && reassignOwnedBy === null) return undefined;
  const holdings = await holdingsOf(cluster, declared);
  const astray = holdings.filter(({ owner }) => owner !== declared.owner);
  const notOwned = Object.fromEntries(astray.map(({ name, owner }) => [name, owner]));
  return { values: { ...declared, notOwned }, extra: { holdings: astray } };
}

function alter({ extra }: Observed, desired: Values): Statement[] {
  const { holdings } = extra as { holdings?: Holding[] };
  if (holdings?.length === 0) return [];
  const names = holdings?.map(({ name }) => name) ?? declaredNames(desired);
  return [
    {
      sql: comment(`${names.join(", ")}: OWNER TO ${quoted(String(desired.owner))}`),
      alone: true,
      perform: (cluster, deadline) => giveAway(cluster, desired, holdings ?? [], deadline),
    },
  ];
}

/** What it is about where nobody has looked. */
function declaredNames({ objects, reassignOwnedBy }: Values): string[] {
  if (typeof reassignOwnedBy === "string") return [`everything that ${quoted(reassignOwnedBy)} owns`];
  return (objects as Values[]).map((reference) => {
    const { type, path } = meaningOf(reference);
    return called(type, path);
  });
}

/** The definition of ownerships. */
export const ownershipType: SourceType = {
  type: "Ownership",
  noun: "ownership",
  shown: ([owner = ""]) => `by ${quoted(owner)}`,
  fields,
  key: ["owner"],
  perDatabase: false,
  found: true,
  computed: { notOwned: "The objects that the role does not own, and who does; null for one that is not there." },
  source: {
    observe: (cluster, keys) => Promise.all(keys.map(({ declared = {} }) => observe(cluster, declared))),
  },
  rolesInvolved: (_observed, { owner, reassignOwnedBy }) =>
    [owner, reassignOwnedBy].filter((role) => typeof role === "string"),
  databasesInvolved: () => [],
  create: () => [],
  alter,
  drop: () => [],
  amiss: ({ notOwned }): Values => (Object.keys(notOwned ?? {}).length > 0 ? { notOwned: notOwned as Values } : {}),
  checkTogether,
};
