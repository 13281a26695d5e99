/** The registry: every object type there is. */

import type { ObjectType } from "../definition";
import { databaseType } from "./database";
import { replicationSlotType } from "./replication-slot";
import { roleType } from "./role";
import { schemaType } from "./schema";
import { sequenceType } from "./sequence";

/** Every object type, by its resource type. */
export const objectTypes: ReadonlyMap<string, ObjectType> = new Map(
  [roleType, databaseType, schemaType, sequenceType, replicationSlotType].map((type) => [type.type, type]),
);
