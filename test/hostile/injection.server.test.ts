/** Hostile texts in every argument reach the server as data, or are refused with a reason: nothing else happens. */

import { after, before, describe, test } from "node:test";
import { freshDatabase, servers, type TestServer, uniqueName } from "../support/postgres-fixture";
import { versions } from "../support/versions";
import { trialsAt } from "./arguments";
import { count, expectAtLeast } from "./counts";
import { canaryOf } from "./look";
import { scaled } from "./texts";
import { Trial } from "./trial";

// More than 20,000 on the two servers of `npm test`.
expectAtLeast(scaled(10_001 * versions.length));

/** Sessions in which texts and statements are read differently. */
const SESSIONS: Record<string, Record<string, string>> = {
  "as usual": {},
  "backslashes escape": { standard_conforming_strings: "off", backslash_quote: "off" },
};

async function run(server: TestServer, database: string, ...statements: string[]): Promise<void> {
  const admin = await server.admin(database);
  try {
    for (const statement of statements) await admin.query(statement);
  } finally {
    await admin.end();
  }
}

for (const [turn, server] of servers.entries()) {
  describe(`PostgreSQL ${server.version}`, () => {
    const canary = uniqueName("canary");
    const heir = uniqueName("heir");
    const tablespace = uniqueName("space");
    const place = { heir, tablespace, database: "", home: "" };
    const trials = new Map<string, Trial>();

    before(async () => {
      place.home = (await freshDatabase(server)).name;
      place.database = (await freshDatabase(server)).name;
      await run(
        server,
        place.home,
        `CREATE ROLE ${heir}`,
        ...canaryOf(canary),
        "SET allow_in_place_tablespaces = on",
        `CREATE TABLESPACE ${tablespace} LOCATION ''`,
      );
      for (const [what, settings] of Object.entries(SESSIONS))
        trials.set(what, await Trial.open(server, place.home, canary, settings));
    });
    after(async () => {
      for (const trial of trials.values()) await trial.close();
      await run(server, "postgres", `DROP ROLE ${canary}`, `DROP ROLE ${heir}`, `DROP TABLESPACE ${tablespace}`);
    });

    for (const [index, { type, name }] of trialsAt(place).entries()) {
      // Each argument in one kind of session on one server, and in the other kind on the other.
      const what = (index + turn) % 2 === 0 ? "as usual" : "backslashes escape";
      test(`${type}.${name} (${what})`, async () => {
        const argument = trialsAt(place)[index]!;
        const tally = await trials.get(what)!.try(argument, what);
        count(`${type}.${name}`, server.version, scaled(argument.count), tally);
      });
    }
  });
}
