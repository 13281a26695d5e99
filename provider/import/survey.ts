/** What is on a server, as objects of the types that a program can declare. */

import type { Cluster } from "../cluster";
import type { CatalogueType, ObjectType, Observed } from "../definition";
import { pathOf } from "../fields";
import type { Host } from "../host";
import { databaseType } from "../objects/database";
import { hbaRuleType } from "../objects/hba-rule";
import { replicationSlotType } from "../objects/replication-slot";
import { roleType } from "../objects/role";
import { schemaType } from "../objects/schema";
import { sequenceType } from "../objects/sequence";
import { observeAll } from "../observe";
import { called } from "../reconcile";
import { sideBySide } from "../side-by-side";
import { quoted } from "../sql";
import { FIRST_NORMAL_OID, withoutSystem } from "../system";
import type { Filter } from "./filter";
import type { Found } from "./found";
import { Places } from "./places";
import type { Report } from "./report";
import { surveyRules } from "./rules";

/** What can be imported, in the order of the program. */
export const IMPORTED_TYPES: readonly ObjectType[] = [
  ...[roleType, databaseType, schemaType, sequenceType, replicationSlotType, hbaRuleType],
];

const HOME_TYPES = [roleType, databaseType, replicationSlotType];
const DATABASE_TYPES = [schemaType, sequenceType];

/** A survey of one server. */
export interface Survey {
  readonly host: Host;
  readonly filter: Filter;
  readonly report: Report;
}

/**
 * Reads everything that is on a server, several databases side by side. Left out: what belongs to the system, the role
 * that is connected, and, with a note, databases that cannot be read and names that are not UTF-8.
 */
export async function survey({ host, filter, report }: Survey): Promise<Found[]> {
  const { cluster } = host;
  const places = new Places(host);
  const roles = await loginRoles(host);
  const home: Found[] = [];
  for (const type of HOME_TYPES) {
    if (!filter.mayWant(type.type)) continue;
    const found = await read(cluster, type);
    const wanted = found.filter((one) => !(type === roleType && roles.has(String(one.values.name))));
    home.push(...(await chosen(type, wanted, cluster.currentDatabase)));
    report.progress(`${type.noun}s`, found.length, found.length);
  }
  const databases = await databasesOf(host);
  for (const { name, open } of databases) {
    if (!open && mayHold(name)) report.note(`database ${quoted(name)} takes no connections: what is in it is left out`);
  }
  const open = databases.flatMap((one) => (one.open && mayHold(one.name) ? [one.name] : []));
  let [done, failed] = [0, 0];
  const inDatabases = await sideBySide(cluster.adapter.settings?.maxConnections ?? 1, open, async (name) => {
    const found = await inDatabase(name).catch((error: Error) => {
      failed++;
      report.note(`database ${quoted(name)} is left out, with everything in it: ${error.message}`);
      return [];
    });
    report.progress("databases that were looked into", ++done, open.length);
    return found;
  });
  if (failed > 0) await cluster.execute("SELECT"); // where the server itself is gone, nothing is left to go on with
  return [...home, ...inDatabases.flat(), ...(await surveyRules({ host, filter, report }))];

  function mayHold(database: string): boolean {
    return DATABASE_TYPES.some((type) => filter.mayWantIn(database, type.type));
  }

  async function inDatabase(database: string): Promise<Found[]> {
    const types = DATABASE_TYPES.filter((type) => filter.mayWantIn(database, type.type));
    const found: Found[] = [];
    for (const type of types) found.push(...(await chosen(type, await read(cluster.in(database), type), database)));
    return found;
  }

  async function chosen(type: CatalogueType, all: readonly Observed[], database: string): Promise<Found[]> {
    const found: Found[] = [];
    for (const observed of all) {
      const path = pathOf(type, observed.values);
      const whole = type.perDatabase ? [database, ...path] : path;
      if (!filter.wants(type.type, whole)) continue;
      if (whole.some((part) => part.includes("\uFFFD"))) {
        report.note(`${called(type, path)} is left out: its name is not UTF-8`);
        continue;
      }
      const place = await places.of(type, { ...observed.values, ...(type.perDatabase ? { database } : {}) });
      found.push({ type, observed, place });
    }
    return found;
  }
}

/** All objects of a type in a database that somebody has made. */
function read(cluster: Cluster, type: CatalogueType): Promise<Observed[]> {
  return cluster.read(async (session, server) =>
    withoutSystem(session, server, type, await observeAll(session, server, type)),
  );
}

/** The roles that we are: the one that has logged in, and the one that it has become. */
async function loginRoles({ cluster }: Host): Promise<Set<string>> {
  const rows = await cluster.query<{ name: string }>("SELECT unnest(ARRAY[session_user, current_user])::text AS name");
  return new Set(rows.map(({ name }) => name));
}

/** All but the templates that initdb made, and whether one can connect to them. */
function databasesOf({ cluster }: Host): Promise<{ name: string; open: boolean }[]> {
  return cluster.query(
    `SELECT d.datname::text AS name, d.datallowconn AS open FROM pg_catalog.pg_database d
      WHERE NOT d.datistemplate OR d.oid >= ${FIRST_NORMAL_OID} ORDER BY d.datname`,
  );
}
