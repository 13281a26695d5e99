/** That a statement of the user's made the declared object and nothing else: looked at in the same transaction. */

import type { Statement } from "../definition";
import { InvalidValueError } from "../errors";
import { literal, type Sql, sql } from "../sql";

interface Made {
  /** The object, in the server's words. */
  readonly object: string;
  /** Whether it is the declared one, or belongs to that: its rule, its type. */
  readonly own: boolean;
}

/**
 * The check that stands behind such a statement. Whatever is made or replaced is entered in `pg_depend`, and each row there
 * tells which transaction has written it.
 *
 * @param catalogue the catalogue that the declared object is in
 * @param oid its oid, as an expression
 * @param remedy what is wrong with the text then
 */
export function refuseOthers(catalogue: "pg_class" | "pg_proc", oid: Sql, remedy: string): Statement {
  return {
    sql: sql`
      SELECT made.object, made.own FROM (
        WITH RECURSIVE own (classid, objid) AS (
          SELECT ${literal(`pg_catalog.${catalogue}`)}::regclass::oid, (${oid})::oid
          UNION
          SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
            JOIN own ON (d.refclassid, d.refobjid) = (own.classid, own.objid) AND d.deptype IN ('i', 'a'))
        SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0) AS object,
               (d.classid, d.objid) IN (SELECT classid, objid FROM own) AS own
          FROM pg_catalog.pg_depend d WHERE d.xmin = pg_catalog.pg_current_xact_id()::xid) AS made ORDER BY 1`,
    rows: (rows) => {
      const made = rows as Made[];
      const others = made.filter(({ own }) => !own).map(({ object }) => object);
      if (others.length === 0 && made.length > 0) return;
      const what = others.length > 0 ? `it makes ${others.join(", ")}` : "it does not make that";
      throw new InvalidValueError(`definition: it is to make the declared object and nothing else, but ${what}`, {
        remedy,
      });
    },
  };
}
