/** Unix sockets as PostgreSQL's programs look for them. */

import { join } from "node:path";

/** The longest path of a Unix socket that every system takes. */
const LONGEST_PATH = 103;

/** The path of the socket in a folder: the port is a part of its name alone. */
export function socketIn(folder: string, port: number): string {
  return join(folder, `.s.PGSQL.${port}`);
}

/** Whether some system does not take such a path. */
export function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > LONGEST_PATH;
}
