/** A database, and those who plan changes of it: what the tests of databases have in common. */

import assert from "node:assert/strict";
import { RefusedError } from "../../../provider/errors";
import { factsOf, observedOf, restricted, roleFacts, serverFacts } from "../samples";

/** What the current role knows of a role whose rights it has. */
export const HELD = roleFacts({ usage: true, set: true });

/** Facts for a superuser. */
export const superuser = factsOf(serverFacts(), { o: roleFacts({ admin: false }), o2: roleFacts({ admin: false }) });

const lender = (major: number) => factsOf(restricted(major), { o: roleFacts(), o2: roleFacts(), mine: HELD });

/** Facts for a restricted role that may grant the owners to itself, on PostgreSQL 14. */
export const on14 = lender(14);

/** The same on PostgreSQL 18. */
export const on18 = lender(18);

/** How each version lends the rights of a role. */
export const grant = {
  14: (role: string) => `GRANT "${role}" TO "deployer"`,
  18: (role: string) => `GRANT "${role}" TO "deployer" WITH INHERIT TRUE, SET TRUE`,
};

/** How every version takes them back. */
export const revoke = (role: string) => `REVOKE "${role}" FROM "deployer"`;

/** The database that is altered and dropped. */
export const shop = observedOf({ name: "shop", owner: "o", encoding: "UTF8" });

/** Whether an error says that the database of the connection cannot be dealt with. */
export function refusal(intent: string) {
  return (error: Error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(
      error.message,
      `the connection itself is to this database, so it cannot ${intent} it. Give the Provider another \`database\``,
    );
    return true;
  };
}
