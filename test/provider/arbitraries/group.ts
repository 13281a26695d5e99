/** What the arbitraries of every type are made of. */

import type fc from "fast-check";
import type { Values } from "../../../provider/definition";

/** What objects are made on, who makes them, and what their attributes may name. */
export interface Ground {
  /** The major version of the server. */
  readonly version: number;
  /** Whether whoever makes them is a superuser; otherwise a role that has CREATEDB and CREATEROLE, and no other right. */
  readonly superuser: boolean;
  /** Roles that are there: to be owners, and to be members of. */
  readonly roles: readonly string[];
  /** Databases that are there. */
  readonly databases: readonly string[];
  /** Tablespaces that are there beside those that every server has. */
  readonly tablespaces: readonly string[];
  /** Columns of tables in the schema of a sequence, with the owner of the table. */
  readonly columns: readonly { readonly table: string; readonly column: string; readonly owner: string }[];
  /** Methods of HBA rules that the server was built with. */
  readonly methods: readonly string[];
  /** Files in the server's data directory that hold names, for HBA rules. */
  readonly files: readonly string[];
  /** Other HBA rules that are there. */
  readonly rules: readonly string[];
}

/** Attributes whose values go together, so that they are made at once. */
export interface Group {
  readonly attributes: readonly string[];
  /** Values of some of them, in a combination that the ground takes. */
  make(ground: Ground): fc.Arbitrary<Values>;
}
