/** What is on a server, as objects of the types that a program can declare. */

import type { CatalogueType, ObjectType, Observed } from "../definition";
import { pathOf } from "../fields";
import type { Host } from "../host";
import { databaseType } from "../objects/database";
import { hbaRuleType } from "../objects/hba-rule";
import { replicationSlotType } from "../objects/replication-slot";
import { roleType } from "../objects/role";
import { schemaType } from "../objects/schema";
import { sequenceType } from "../objects/sequence";
import { observeAll, observeMany } from "../observe";
import { type Place, placeFor } from "../place";
import { FIRST_NORMAL_OID, withoutSystem } from "../system";

/** An object that was found, and where it is. */
export interface Found {
  readonly type: ObjectType;
  readonly observed: Observed;
  readonly place: Place;
}

/** What of a server is looked at, and who is told how far it is. */
export interface SurveyOptions {
  /** Whether an object is wanted, by its type and the parts of its name. Default: every one is. */
  readonly wanted?: (type: string, path: readonly string[]) => boolean;
  /** Is told what was looked at, and what could not be. */
  readonly progress?: (text: string) => void;
}

const HOME_TYPES = [roleType, databaseType, replicationSlotType];
const DATABASE_TYPES = [schemaType, sequenceType];

/**
 * Reads everything that is on a server, a database at a time. Left out: what belongs to the system, and the role that is
 * connected.
 */
export async function survey(host: Host, { wanted = () => true, progress }: SurveyOptions = {}): Promise<Found[]> {
  const { cluster } = host;
  const found: Found[] = [];
  const look = async (type: CatalogueType, database: string) => {
    const here = cluster.in(database);
    const all = await here.read(async (session, server) =>
      withoutSystem(session, server, type, await observeAll(session, server, type)),
    );
    for (const observed of all) {
      if (type === roleType && observed.values.name === cluster.facts.user) continue;
      const path = pathOf(type, observed.values);
      if (!wanted(type.type, type.perDatabase ? [database, ...path] : path)) continue;
      found.push({ type, observed, place: await placeFor(host, type, { ...observed.values, database }) });
    }
  };
  for (const type of HOME_TYPES) await look(type, cluster.currentDatabase);
  progress?.(`the server: ${found.length} roles, databases and replication slots`);
  for (const database of await databasesOf(host)) {
    const before = found.length;
    try {
      for (const type of DATABASE_TYPES) await look(type, database);
      progress?.(`database ${database}: ${found.length - before} schemas and sequences`);
    } catch (error) {
      progress?.(`database ${database} is left out: ${(error as Error).message}`);
    }
  }
  found.push(...(await rules(host, wanted, progress)));
  return found;
}

async function databasesOf({ cluster }: Host): Promise<string[]> {
  const rows = await cluster.query<{ name: string }>(
    `SELECT d.datname::text AS name FROM pg_catalog.pg_database d
      WHERE d.datallowconn AND (NOT d.datistemplate OR d.oid >= ${FIRST_NORMAL_OID}) ORDER BY d.datname`,
  );
  return rows.map(({ name }) => name);
}

/** The rules that this package keeps in pg_hba.conf. */
async function rules(
  host: Host,
  wanted: NonNullable<SurveyOptions["wanted"]>,
  progress: SurveyOptions["progress"],
): Promise<Found[]> {
  const { cluster } = host;
  try {
    const names: string[] = [];
    for await (const { name } of cluster.hbaRules.managed) if (wanted("HbaRule", [name])) names.push(name);
    const observed = await observeMany(
      cluster,
      hbaRuleType,
      names.map((name) => ({ path: [name] })),
    );
    const place = await placeFor(host, hbaRuleType, {});
    progress?.(`pg_hba.conf: ${names.length} rules with a name`);
    return observed.flatMap((one) => (one === undefined ? [] : [{ type: hbaRuleType, observed: one, place }]));
  } catch (error) {
    progress?.(`pg_hba.conf is left out: ${(error as Error).message}`);
    return [];
  }
}
