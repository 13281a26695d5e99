/** The registry: every object type there is. */

import type { ObjectType } from "../definition";
import { databaseType } from "./database";
import { hbaRuleType } from "./hba-rule";
import { largeObjectType } from "./large-object";
import { ownershipType } from "./ownership";
import { replicationSlotType } from "./replication-slot";
import { roleType } from "./role";
import { routineType } from "./routine";
import { schemaType } from "./schema";
import { sequenceType } from "./sequence";
import { tableType } from "./table";
import { viewType } from "./view";

/** Every object type, by its resource type. */
export const objectTypes: ReadonlyMap<string, ObjectType> = new Map<string, ObjectType>(
  [
    ...[roleType, databaseType, schemaType, sequenceType, replicationSlotType, hbaRuleType],
    ...[tableType, viewType, routineType, largeObjectType, ownershipType],
  ].map((type) => [type.type, type]),
);
