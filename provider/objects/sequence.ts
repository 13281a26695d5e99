/** Sequences: `CREATE SEQUENCE`, `pg_sequence`. Which number comes next is never looked at: it moves by itself. */

import type { Cluster } from "../cluster";
import type { CatalogueType, CheckFailure, Observed, PrepareContext, Statement, Values } from "../definition";
import { DependentObjectsError, InvalidValueError, NotFoundError } from "../errors";
import type { Facts } from "../facts";
import { pathOf } from "../fields";
import type { Int64 } from "../int64";
import { quoted } from "../sql";
import { fromJson } from "../values";
import { type Adoption, textOf } from "./common";
import { dependents } from "./dependents";
import { involved } from "./in-schema";
import {
  checkColumn,
  inSchema,
  OWNED_BY_COLUMN,
  refuseIdentity,
  refuseTable,
  type SequenceColumn,
  sameColumn,
} from "./sequence-column";
import { sequenceTable } from "./sequence-fields";
import { assumedRange, checkRange, rangeForScript, type SequenceDataType } from "./sequence-range";
import { alter, create, drop } from "./sequence-statements";

/** What a server shows of a sequence. What is not declared is never touched. */
export interface SequenceAttributes {
  /** The schema it is in. Default `public`. Changed in place (`SET SCHEMA`). */
  schema?: string | null;
  /** Name of the sequence, at most 63 bytes. Changing it renames in place. */
  name: string;
  /** The role that owns it. Default: the role that creates it. Changed in place (`OWNER TO`). */
  owner?: string;
  /** The type of its numbers (`AS`). Default `bigint`. Changed in place; bounds move along if they were the old type's. */
  dataType?: SequenceDataType | null;
  /** What is added for the next number (`INCREMENT BY`); below 0, it descends. Default 1. Changed in place. */
  increment?: Int64 | null;
  /** The least number (`MINVALUE`). Default, and `null`: 1, descending the least of the type. Changed in place. */
  minValue?: Int64 | null;
  /** The greatest number (`MAXVALUE`). Default, and `null`: the greatest of the type, descending -1. Changed in place. */
  maxValue?: Int64 | null;
  /**
   * The first number (`START WITH`). Default, and `null`: `minValue`, descending `maxValue`. Changed in place, which
   * leaves the current number as it is.
   */
  start?: Int64 | null;
  /** How many numbers a session takes at once (`CACHE`). Default 1. Changed in place. */
  cache?: Int64 | null;
  /** Whether it begins again after its last number (`CYCLE`). Default false. Changed in place. */
  cycle?: boolean | null;
  /**
   * The column it belongs to and is dropped with (`OWNED BY`); the table has the same schema and owner. Default, and
   * `null`: none. Changed in place.
   */
  ownedBy?: SequenceColumn | null;
  /** Whether it is not written to the log, and begins again after a crash (`UNLOGGED`, 15 and newer). Default false. */
  unlogged?: boolean | null;
  /** Comment on the sequence (`COMMENT ON SEQUENCE`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a sequence. */
export interface SequenceProperties extends SequenceAttributes, Adoption {
  /** The database it is in. Default: the connection's. Follows a rename; a sequence cannot move to another database. */
  database?: string;
  /** The next number after a change of `restartTrigger` (`RESTART WITH`). Default, and `null`: `start`. */
  restartWith?: Int64 | null;
  /** Any text. When it changes, the sequence is restarted (`RESTART`). A new or an adopted sequence is not. */
  restartTrigger?: string | null;
  /** Drop the defaults of columns that use it with it (`DROP SEQUENCE … CASCADE`). Default false: the drop is refused. */
  dropCascade?: boolean | null;
}

/** What the server knows of a sequence beside what is declared. */
export interface SequenceComputed {
  /** The sequence's oid in `pg_class`. */
  oid: number;
}

const CATALOGUE = {
  select: `
    SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
           pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, pg_catalog.format_type(s.seqtypid, NULL) AS "dataType",
           s.seqincrement::text AS increment, s.seqmin::text AS "minValue", s.seqmax::text AS "maxValue",
           s.seqstart::text AS start, s.seqcache::text AS cache, s.seqcycle AS cycle, ${OWNED_BY_COLUMN} AS "ownedBy",
           c.relpersistence = 'u' AS unlogged, pg_catalog.obj_description(c.oid, 'pg_class') AS comment
      FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
  key: ["n.nspname", "c.relname"],
  oid: "c.oid",
  table: "pg_class",
};

function toObserved({ oid, ownedBy, ...values }: Readonly<Record<string, unknown>>): Observed {
  const owned = fromJson<(SequenceColumn & { identity: boolean }) | null>(ownedBy);
  const { identity = false, ...column } = owned ?? {};
  return {
    oid: Number(oid),
    values: { ...(values as Values), ownedBy: owned === null ? null : (column as Values) },
    extra: { identity },
  };
}

/** Leaves the restart out unless it is due: the trigger is another one than the one that was applied last. */
async function prepare(desired: Values, { observed, previous }: PrepareContext): Promise<Values> {
  const { restartTrigger, restartWith: _, ...others } = desired;
  const changed = typeof restartTrigger === "string" && restartTrigger !== previous.restartTrigger;
  return changed && observed !== undefined && previous.name !== undefined ? desired : others;
}

function checkRestart({ restartWith, restartTrigger }: Values): CheckFailure[] {
  const given = restartWith !== undefined && restartWith !== null;
  return given && (restartTrigger ?? null) === null
    ? [{ property: "restartWith", reason: "needs a restartTrigger: it is used when that changes" }]
    : [];
}

async function beforeChange(
  cluster: Cluster,
  observed: Observed | undefined,
  desired: Values,
  facts: Facts,
): Promise<void> {
  refuseIdentity(observed);
  const before = observed?.values ?? { owner: facts.server.user };
  const [schema = ""] = pathOf(sequenceType, { ...before, ...desired });
  const owner = textOf(desired, "owner") ?? String(before.owner);
  if (!facts.schemas.has(schema)) {
    throw new NotFoundError(`schema ${quoted(schema)} does not exist`, {
      remedy: "Create it first; a Schema of the same program is passed as schema.name, so that it comes first",
    });
  }
  const [wrong] = checkColumn({ schema, ownedBy: desired.ownedBy ?? null });
  if (wrong !== undefined) throw new InvalidValueError(`${wrong.property} ${wrong.reason}`);
  const stays = schema === before.schema && owner === before.owner && sameColumn(before.ownedBy, desired.ownedBy);
  const column = stays ? null : inSchema(desired.ownedBy, schema);
  if (column !== null) await refuseTable(cluster, column, owner);
}

async function beforeDrop(cluster: Cluster, observed: Observed, options: Values): Promise<Statement[]> {
  refuseIdentity(observed);
  if (options.dropCascade === true) return [];
  const users = await dependents(cluster, "pg_class", observed.oid);
  if (users === undefined) return [];
  throw new DependentObjectsError(`it is used (${users})`, {
    remedy: "Take it out of use there, or set dropCascade: true (and apply it) to drop these with the sequence",
  });
}

function remedy({ code, message }: { readonly code?: string; readonly message: string }): string | undefined {
  if (code !== "22023") return undefined;
  if (message.startsWith("RESTART value"))
    return (
      "Its current number, which a change keeps, would be outside of its bounds: restart it with the same change " +
      "(restartWith and restartTrigger; in a script, setval before it), or choose other bounds"
    );
  if (message.startsWith("START value")) return "Declare a start within its bounds as well";
  if (message.includes("is out of range for sequence data type"))
    return "Declare minValue and maxValue within that type as well";
  return undefined;
}

/** The definition of sequences. */
export const sequenceType: CatalogueType = {
  ...sequenceTable,
  ...involved,
  type: "Sequence",
  noun: "sequence",
  perDatabase: true,
  computed: { oid: "The sequence's oid in pg_class.", databaseOid: "The oid of the database that it is in." },
  catalogue: () => CATALOGUE,
  toObserved,
  assumed: (values) => ({ values: { ...values, ...assumedRange(values) }, extra: { identity: false } }),
  prepare,
  scriptValues: rangeForScript,
  create,
  alter,
  drop,
  beforeChange,
  beforeDrop,
  remedy,
  checkTogether: (values) => [...checkRange(values), ...checkColumn(values), ...checkRestart(values)],
};
