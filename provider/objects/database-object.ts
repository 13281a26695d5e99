/** Databases in scripts: what the server knows of one that nobody declares. */

import { NotFoundError } from "../errors";
import { ManagedObject } from "../managed-object";
import { fromJson } from "../values";

/** What the server keeps of a database beside its attributes. */
export interface DatabaseStatus {
  /** Transactions before this one are frozen in it (`datfrozenxid`). */
  readonly frozenXid: number;
  /** Multixacts before this one have been replaced in it (`datminmxid`). */
  readonly minMultixactId: number;
  /** Who may do what with it, as the server writes it: `app=c/owner`. Null: what every new database allows. */
  readonly acl: readonly string[] | null;
}

/** What can be done with a database beside what can be done with every object. */
export interface DatabaseMethods {
  /** What the server keeps of it just now (`pg_database`). */
  status(): Promise<DatabaseStatus>;
}

/** A database as the collection hands it out. */
export class ManagedDatabase extends ManagedObject implements DatabaseMethods {
  async status(): Promise<DatabaseStatus> {
    const [row] = await this.cluster.query<Record<keyof DatabaseStatus, string>>(
      `SELECT datfrozenxid::text AS "frozenXid", datminmxid::text AS "minMultixactId", to_json(datacl::text[]) AS acl
         FROM pg_catalog.pg_database WHERE oid = $1`,
      this.oid,
    );
    if (row === undefined) throw new NotFoundError("does not exist any more", { object: this.called });
    const { frozenXid, minMultixactId, acl } = row;
    return { frozenXid: Number(frozenXid), minMultixactId: Number(minMultixactId), acl: fromJson(acl) };
  }
}
