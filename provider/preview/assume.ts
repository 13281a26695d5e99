/** What a plan is made from where nobody asks the server: facts and an object as the program lets expect them. */

import type { ObjectType, Observed, Values } from "../definition";
import { type Facts, NO_OBJECTS, type ServerFacts } from "../facts";
import { isApplied, orDefault } from "../fields";
import { factsOnceMade, withExpected } from "./expected";

/** The version that statements are for. */
const NEWEST = 18;
/** What the template1 of most servers has. */
const LOCALE: Values = { encoding: "UTF8", localeProvider: "libc", lcCollate: "en_US.UTF-8", lcCtype: "en_US.UTF-8" };

/** Facts of a server whose superuser is connected, and which has whatever is asked for. */
export function assumedFacts(user: string, home: string, database: string): Facts {
  const server: ServerFacts = {
    ...{ major: NEWEST, version: `${NEWEST}`, user, superuser: true, createRole: true, readsPasswords: false },
    ...{ systemIdentifier: "", scramIterations: 4096, database: home },
  };
  const made = factsOnceMade(server);
  const there = withExpected(NO_OBJECTS, {
    role: () => made.role({}),
    database: () => ({ ...made.database({}), locale: LOCALE }),
    schema: () => made.schema({}),
  });
  return { server, ...there, database, serverHashesPasswords: false };
}

/** An object that is as its declaration said, and otherwise as PostgreSQL makes one; `wanted` is what it says now. */
export function assumedObject(type: ObjectType, declared: Values, { server }: Facts, wanted: Values): Observed {
  const values: Values = "owner" in type.fields ? { owner: server.user } : {};
  for (const [name, field] of Object.entries(type.fields)) {
    const value = declared[name] ?? (isApplied(field) ? field.default : undefined);
    if (value !== undefined && !field.secret) values[name] = orDefault(field, value);
  }
  return type.assumed?.(values, server, wanted) ?? { values, extra: {} };
}
