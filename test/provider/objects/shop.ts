import type { Cluster } from "../../../provider";
import { freshDatabase } from "../../support/postgres-fixture";
import type { Scene } from "../scene";

/** The core in a new database that the deployer owns, and looks at it through plain pg. */
export interface Shop {
  readonly cluster: Cluster;
  readonly here: Cluster;
  readonly ask: (sql: string, params?: unknown[]) => Promise<unknown[][]>;
  /** Schema, name, owner, and the numbers of a sequence as the catalogue has them. */
  readonly row: (oid: number) => Promise<unknown[] | undefined>;
}

/** Makes such a database. */
export async function shop(scene: Scene): Promise<Shop> {
  const { name: database } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = await scene.connect();
  const ask = (sql: string, params: unknown[] = []) => scene.ask(sql, params, database);
  const row = `
    SELECT c.relnamespace::regnamespace::text, c.relname::text, pg_get_userbyid(c.relowner)::text, s.seqtypid::regtype::text,
           seqincrement, seqmin, seqmax, seqstart, seqcache, seqcycle
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.oid = $1`;
  return { cluster, here: cluster.in(database), ask, row: async (oid) => (await ask(row, [oid]))[0] };
}
