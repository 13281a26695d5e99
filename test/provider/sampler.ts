/** What stands on a server at any instant. */

import type { Scene } from "./scene";

/** What a sampler saw. */
export interface Seen {
  samples: number;
  /** The most sessions at one time. */
  peak: number;
  /** Databases that sessions of ours stood in while a statement of ours needed them empty. */
  trespasses: string[];
  /** How many statements that need an empty database were seen running. */
  moments: number;
}

/** Statements that need a database without sessions, and how they name it. */
const EMPTIES = [
  /^DROP DATABASE "([^"]+)"/,
  /^ALTER DATABASE "([^"]+)" RENAME/,
  /^CREATE DATABASE "[^"]+".* TEMPLATE "([^"]+)"/s,
];

/** Looks at the sessions of an application, or of a user, over and over until told to stop. */
export async function watch(scene: Scene, who: string): Promise<() => Promise<Seen>> {
  const admin = await scene.client();
  const seen: Seen = { samples: 0, peak: 0, trespasses: [], moments: 0 };
  let running = true;
  const looking = (async () => {
    while (running) {
      const { rows } = await admin.query<{ database: string; query: string; state: string }>({
        name: "watch",
        text: `SELECT datname::text AS database, query, state FROM pg_stat_activity
               WHERE $1::text IN (application_name, usename::text) AND backend_type = 'client backend'`,
        values: [who],
      });
      seen.samples++;
      seen.peak = Math.max(seen.peak, rows.length);
      for (const { query, state } of rows) {
        const name = EMPTIES.map((pattern) => pattern.exec(query)?.[1]).find((found) => found !== undefined);
        if (name === undefined || state !== "active") continue;
        seen.moments++;
        if (rows.some(({ database }) => database === name)) seen.trespasses.push(query);
      }
    }
  })();
  return async () => {
    running = false;
    await looking;
    return seen;
  };
}
