/** The registry: every lookup there is. */

import { databaseType } from "../objects/database";
import { roleType } from "../objects/role";
import { schemaType } from "../objects/schema";
import { sequenceType } from "../objects/sequence";
import { tableType } from "../objects/table";
import type { Lookup } from "./lookup";
import { lookupOf } from "./objects";
import { serverLookup } from "./server";

/** Every lookup, by the function of a program that asks it. */
export const lookups: ReadonlyMap<string, Lookup> = new Map(
  [
    lookupOf("getRoles", roleType),
    lookupOf("getDatabases", databaseType),
    lookupOf("getSchemas", schemaType),
    lookupOf("getTables", tableType),
    lookupOf("getSequences", sequenceType),
    serverLookup,
  ].map((lookup) => [lookup.name, lookup]),
);
