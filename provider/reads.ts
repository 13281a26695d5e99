/** Looks at objects: those of one kind and database that are asked for together are one query. */

import { Batch, Batches } from "./batch";
import type { Cluster } from "./cluster";
import type { Key, ObjectType, Observed } from "./definition";
import type { PostgresError } from "./errors";
import { type Involved, NO_OBJECTS, type ObjectFacts, readObjectFacts } from "./facts";
import { observeMany } from "./observe";

/** Data exceptions (class 22), and what waits for a lock that is not there for the others. */
const FAULTS_OF_ONE = /^(?:22...|55P03|57014)$/;

const isFaultOfOne = (error: unknown) => FAULTS_OF_ONE.test((error as PostgresError).sqlstate ?? "");

/** How many are told the facts of their objects with one query: what each role may in each schema is part of them. */
const MOST_FACTS = 50;

/** The looks of one server, and of all views of it. */
export class Reads {
  private readonly objects = new Batches<Key, Observed | undefined>();
  private readonly involved = new Batches<Involved, ObjectFacts>();

  /** Observes one object in the cluster's database; undefined when it is not there. */
  observe(cluster: Cluster, type: ObjectType, key: Key): Promise<Observed | undefined> {
    const look = (keys: Key[]) => observeMany(cluster, type, keys);
    const kind = [type.type, cluster.currentDatabase];
    return this.objects.about(kind, () => new Batch(look, { isFaultOfOne })).load(key);
  }

  /** The facts of the objects, and maybe of others. */
  async facts(cluster: Cluster, involved: Involved): Promise<ObjectFacts> {
    if (Object.values(involved).every((names) => names.length === 0)) return NO_OBJECTS;
    const look = async (all: Involved[]) => {
      const facts = await cluster.read((session, server) => readObjectFacts(session, server, together(all)));
      return all.map(() => facts);
    };
    const batch = () => new Batch(look, { most: MOST_FACTS, isFaultOfOne });
    return this.involved.about([cluster.currentDatabase], batch).load(involved);
  }
}

function together(all: readonly Involved[]): Involved {
  const names = (kind: keyof Involved) => [...new Set(all.flatMap((one) => one[kind] ?? []))];
  return { roles: names("roles"), databases: names("databases"), schemas: names("schemas") };
}
