/** The registry: every object type there is. */

import type { ObjectType } from "../definition";
import { databaseType } from "./database";
import { hbaRuleType } from "./hba-rule";
import { replicationSlotType } from "./replication-slot";
import { roleType } from "./role";
import { schemaType } from "./schema";
import { sequenceType } from "./sequence";

/** Every object type, by its resource type. */
export const objectTypes: ReadonlyMap<string, ObjectType> = new Map<string, ObjectType>(
  [roleType, databaseType, schemaType, sequenceType, replicationSlotType, hbaRuleType].map((type) => [type.type, type]),
);
