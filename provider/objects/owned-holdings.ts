/** What an ownership is about: who owns which of its objects now, and how those change hands. */

import type { Cluster } from "../cluster";
import type { CatalogueType, Observed, Statement, Values } from "../definition";
import { NotFoundError } from "../errors";
import type { Deadline } from "../limits";
import { observe } from "../observe";
import { inEachDatabase, reassignOwner } from "../ownership";
import { called, keyPath, planAlter } from "../reconcile";
import { quoted } from "../sql";
import { databaseType } from "./database";
import { meaningOf } from "./owned-reference";
import { roleType } from "./role";
import { dependenciesOf, described } from "./role-dependents";

/** How many objects of one database that a role owns are shown by name. */
const NAMED = 50;

/** An object, and who owns it. */
export interface Holding {
  readonly name: string;
  /** Null for an object that is not there. */
  readonly owner: string | null;
  /** How to hand it over, where it is one that is named. */
  readonly found?: Found;
}

interface Found {
  readonly type: CatalogueType;
  readonly database: string;
  readonly observed: Observed;
}

/** The objects of an ownership as it is declared. */
export function holdingsOf(cluster: Cluster, declared: Values): Promise<Holding[]> {
  const { objects, reassignOwnedBy } = declared;
  return objects === undefined || objects === null
    ? ofRole(cluster, String(reassignOwnedBy), declared.databases as Databases)
    : ofObjects(cluster, objects as Values[], (declared.database as string | undefined) ?? cluster.currentDatabase);
}

type Databases = "all" | string[] | null | undefined;

/** Objects of one type in one database are one query. */
async function ofObjects(cluster: Cluster, references: readonly Values[], home: string): Promise<Holding[]> {
  const meant = references.map((reference) => {
    const database = reference.database === null ? cluster.currentDatabase : ((reference.database as string) ?? home);
    return { ...meaningOf(reference), database };
  });
  const there = await existing(cluster, [...new Set(meant.map(({ database }) => database))]);
  const found = await Promise.all(
    meant.map(async ({ type, path, database }) => {
      if (type.perDatabase && !there.has(database)) return undefined;
      const here = type.perDatabase ? cluster.in(database) : cluster;
      return observe(here, type, { path: await keyPath(here, type, keyed(type, path)) });
    }),
  );
  return meant.map(({ type, path, database }, index) => {
    const observed = found[index];
    const elsewhere = type.perDatabase && database !== home ? ` in database ${quoted(database)}` : "";
    const holding = { name: `${called(type, path)}${elsewhere}`, owner: ownerOf(observed) };
    return observed === undefined ? holding : { ...holding, found: { type, database, observed } };
  });
}

async function existing(cluster: Cluster, names: readonly string[]): Promise<Set<string>> {
  const databases = await Promise.all(names.map((name) => observe(cluster, databaseType, { path: [name] })));
  return new Set(names.filter((_, index) => databases[index] !== undefined));
}

function keyed(type: CatalogueType, path: readonly string[]): Values {
  return Object.fromEntries(type.key.map((name, index) => [name, path[index] ?? null]));
}

function ownerOf(observed: Observed | undefined): string | null {
  return observed === undefined ? null : String(observed.values.owner);
}

/** What a role owns, database by database: the first ones by name. */
async function ofRole(cluster: Cluster, owner: string, databases: Databases): Promise<Holding[]> {
  const role = await observe(cluster, roleType, { path: [owner] });
  if (role === undefined) return [];
  const wanted = databases === "all" ? undefined : (databases ?? [cluster.currentDatabase]);
  const owned = (await dependenciesOf(cluster, role)).filter(
    (one) => one.owner && (one.database === null || wanted === undefined || wanted.includes(one.database)),
  );
  const holdings: Holding[] = [];
  for (const database of new Set(owned.map((one) => one.database))) {
    const all = owned.filter((one) => one.database === database);
    const where = database === null ? "" : ` in database ${quoted(database)}`;
    const named = await described(cluster, database, all.slice(0, NAMED));
    const left = all.length - named.length;
    const more = left === 0 ? [] : [`${left} ${named.length === 0 ? "" : "more "}${left === 1 ? "object" : "objects"}`];
    holdings.push(...[...named, ...more].map((name) => ({ name: `${name}${where}`, owner })));
  }
  return holdings;
}

/** Makes a role the owner: in each database of all or of nothing. */
export async function giveAway(
  cluster: Cluster,
  { owner, reassignOwnedBy, databases }: Values,
  holdings: readonly Holding[],
  deadline: Deadline | undefined,
): Promise<void> {
  const newOwner = String(owner);
  if (typeof reassignOwnedBy === "string") {
    const where = (databases as Databases) ?? undefined;
    return reassignOwner(cluster, { owner: reassignOwnedBy, newOwner, databases: where }, deadline);
  }
  const missing = holdings.filter((holding) => holding.owner === null).map(({ name }) => name);
  if (missing.length > 0) {
    throw new NotFoundError(`${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not exist`, {
      remedy:
        "What is made by SQL has to be made first; resources of this program are passed as they are, or in dependsOn",
    });
  }
  const statements: Statement[] = [];
  for (const { found } of holdings) {
    if (found === undefined) continue;
    const { type, database, observed } = found;
    const here = type.perDatabase ? cluster.in(database) : cluster;
    const planned = await planAlter(here, type, observed, { owner: newOwner });
    statements.push(...planned.map((statement) => ({ database: here.currentDatabase, ...statement })));
  }
  const names = holdings.map(({ name }) => name);
  await inEachDatabase(cluster, statements, { object: names.join(", "), intent: "hand over", deadline });
}
