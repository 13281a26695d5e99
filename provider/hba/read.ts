/** What the server knows of its pg_hba.conf: the bytes, the errors, and when it read them. */

import type { Session } from "../adapter";
import { type Bytes, fromHex } from "./bytes";

/** A write that is under way, or that was never brought to its end: a line in a file in the data directory. */
export interface Pending {
  /** Which write it is. */
  readonly token: string;
  /** The hash of the file as that write left it, and as it was before. */
  readonly after: string;
  readonly before: string;
  /** Whether whoever writes is still connected. */
  readonly alive: boolean;
}

/** The file as it is. */
export interface Snapshot {
  readonly major: number;
  /** Its path, as bytes. */
  readonly path: Bytes;
  readonly bytes: Bytes;
  readonly pending: Pending | undefined;
  /** Changes when the server is started: process ids of before say nothing then. */
  readonly started: string;
}

/** The name of the file with the {@link Pending} line, in the data directory. */
export const PENDING_FILE = "pgmob_hba_pending";

/** Reads the file, and then whether a write of it is pending: what is read of a pending write is known as such. */
export async function readSnapshot(session: Session): Promise<Snapshot> {
  const { rows } = await session.query(`
    WITH files AS MATERIALIZED (
      SELECT pg_catalog.encode(pg_catalog.pg_read_binary_file(current_setting('hba_file')), 'hex') AS bytes,
             string_to_array(convert_from(pg_catalog.pg_read_binary_file('${PENDING_FILE}', 0, 500, true), 'SQL_ASCII'), ' ') AS p)
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           pg_catalog.encode(pg_catalog.convert_to(current_setting('hba_file'), 'SQL_ASCII'), 'hex') AS path,
           bytes,
           extract(epoch FROM pg_catalog.pg_postmaster_start_time())::bigint::text AS started,
           p[1] AS token, p[2] AS after, p[3] AS before,
           EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND objsubid = 1
                      AND classid::text = p[4] AND objid::text = p[5]) AS alive
      FROM files`);
  const { path, bytes, major, started, token, ...pending } = rows[0] as SnapshotRow;
  return {
    major,
    started,
    path: fromHex(path),
    bytes: fromHex(bytes),
    pending: token === null ? undefined : { token, ...pending },
  };
}

interface SnapshotRow extends Omit<Pending, "token"> {
  readonly major: number;
  readonly path: string;
  readonly bytes: string;
  readonly started: string;
  readonly token: string | null;
}

/** The hash of the file as it is now. */
export async function readHash(session: Session): Promise<string> {
  const { rows } = await session.query(
    "SELECT pg_catalog.encode(sha256(pg_catalog.pg_read_binary_file(current_setting('hba_file'))), 'hex') AS hash",
  );
  return (rows[0] as { hash: string }).hash;
}

/** A line that the server cannot read. */
export interface FileError {
  /** The number of the line; in another file when `file` is set. */
  readonly line: number;
  readonly file: string | null;
  readonly error: string;
}

/**
 * The errors for which the server would not take the file: it reads the file for this as it is now. A line that only
 * cannot match (`hostssl` where TLS is off) is none. A file without any rule is an error of line 0.
 */
export async function readErrors(session: Session, major: number): Promise<FileError[]> {
  const file = major >= 16 ? "nullif(file_name, current_setting('hba_file'))" : "NULL::text";
  const { rows } = await session.query(`
    SELECT line_number AS line, ${file} AS file, coalesce(error, 'one of its options has no such value') AS error,
           type IS NULL AS fatal
      FROM pg_catalog.pg_hba_file_rules ORDER BY ${file} NULLS FIRST, line_number`);
  const lines = rows as (FileError & { fatal: boolean })[];
  if (lines.length === 0) return [{ line: 0, file: null, error: "it has no rule, and the server does not start so" }];
  return lines.filter(({ fatal }) => fatal).map(({ line, file, error }) => ({ line, file, error }));
}

/** Makes the server read its files. Returns the server's time just before. */
export async function reload(session: Session): Promise<string> {
  const { rows } = await session.query("SELECT clock_timestamp()::text AS before, pg_catalog.pg_reload_conf() AS sent");
  return (rows[0] as { before: string }).before;
}

/** Whether the server has read its files since a time. */
export async function hasReloaded(session: Session, since: string): Promise<boolean> {
  const { rows } = await session.query("SELECT pg_catalog.pg_conf_load_time() > $1::timestamptz AS done", [since]);
  return (rows[0] as { done: boolean }).done;
}
