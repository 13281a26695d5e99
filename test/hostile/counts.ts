/** What became of texts, printed by type and argument at the end of a file, which fails below its number. */

import { after } from "node:test";
import { seed } from "../support/seed";

/** What became of the texts of an argument. */
export interface Tally {
  /** How many reached the server as data, and were read back just as they were. */
  data: number;
  /** How many were refused by check, with a reason. */
  refused: number;
  /** How many only the server could refuse, which did so, for the expected reason, and nothing was changed. */
  byServer: number;
}

const lines = new Map<string, Tally & { wanted: number; servers: Set<number> }>();

/** Adds what became of the texts of an argument on a server; `wanted` is how many should have been tried at least. */
export function count(argument: string, version: number, wanted: number, tally: Tally): void {
  const known = lines.get(argument) ?? { data: 0, refused: 0, byServer: 0, wanted: 0, servers: new Set<number>() };
  for (const part of ["data", "refused", "byServer"] as const) known[part] += tally[part];
  known.wanted += wanted;
  known.servers.add(version);
  lines.set(argument, known);
}

/** At the end of the file, fails if fewer texts became data or were refused by check, or fewer of any argument were tried. */
export function expectAtLeast(least: number): void {
  after(() => {
    console.log(`PGMOB_SEED=${seed} repeats the texts of this run`);
    let total = 0;
    const few: string[] = [];
    for (const [argument, { data, refused, byServer, wanted, servers }] of lines) {
      const rest = byServer === 0 ? "" : `, ${byServer} refused by the server`;
      const on = servers.has(0) ? "no server" : `PostgreSQL ${[...servers].join(", ")}`;
      console.log(`${argument}: ${data} as data, ${refused} refused by check${rest} (${on})`);
      if (data + refused + byServer < wanted) few.push(`${argument}: ${data + refused + byServer} of ${wanted}`);
      total += data + refused;
    }
    console.log(`${total} texts became data or were refused by check`);
    if (total < least) few.push(`all together ${total} of ${least}`);
    if (few.length > 0) throw new Error(`too few texts were tried:\n  ${few.join("\n  ")}`);
  });
}
