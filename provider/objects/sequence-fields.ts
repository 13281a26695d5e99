/** The field table of sequences. */

import type { Fields, ObjectType } from "../definition";
import { bigintOf, INT64_MAX, INT64_MIN, int64 } from "../int64";
import { keyword, sql } from "../sql";
import { flag, type Json, objectName, oneOf, text } from "../values";
import { attributeField, commentField, commonFields, databaseField, nameField, option, ownerField } from "./common";
import { schemaField } from "./in-schema";
import type { SequenceProperties } from "./sequence";
import { ownedByField } from "./sequence-column";
import { DATA_TYPES, DEFAULT_TYPE, seenRange } from "./sequence-range";

/** The word for a sequence in statements. */
export const KIND = "SEQUENCE";

/** A number whose clause is a keyword and the number. */
function numberField(words: string, initial: string | null, value = int64(), defaultSays = `\`${initial}\``) {
  const clause = (number: Json) => sql`${keyword(words)} ${bigintOf(number)}`;
  return { value, change: "update", default: initial, defaultSays, clause, postgres: words } as const;
}

const fields: Fields<SequenceProperties & { customTimeouts: unknown }> = {
  database: databaseField,
  schema: schemaField(KIND),
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  dataType: {
    value: oneOf(...DATA_TYPES),
    change: "update",
    default: DEFAULT_TYPE,
    clause: (value) => sql`AS ${keyword(String(value))}`,
    postgres: "AS",
  },
  increment: numberField("INCREMENT BY", "1", int64(INT64_MIN, INT64_MAX, 0n)),
  minValue: numberField("MINVALUE", null, int64(), "1, or the least of the type"),
  maxValue: numberField("MAXVALUE", null, int64(), "the greatest of the type, or -1"),
  start: numberField("START WITH", null, int64(), "`minValue`, or `maxValue`"),
  cache: numberField("CACHE", "1", int64(1n)),
  cycle: attributeField("CYCLE", "NO CYCLE", false),
  ownedBy: ownedByField,
  unlogged: {
    value: flag,
    change: "update",
    default: false,
    since: [{ version: 15, only: (value) => value === true }],
    statements: ({ target, value }) => [
      { sql: sql`ALTER ${target} SET ${keyword(value === true ? "UNLOGGED" : "LOGGED")}` },
    ],
    postgres: "UNLOGGED, SET LOGGED",
  },
  comment: commentField(KIND),
  restartWith: {
    value: int64(),
    change: "option",
    changeSays: "nothing is sent until `restartTrigger` changes",
    default: null,
    defaultSays: "`start`",
    postgres: "RESTART WITH",
  },
  restartTrigger: {
    value: text,
    change: "trigger",
    changeSays: "restarts the sequence",
    default: null,
    postgres: "RESTART",
  },
  dropCascade: option("DROP SEQUENCE … CASCADE"),
  ...commonFields,
};

/** What is compared, and by what a sequence is found. */
export const sequenceTable = {
  fields,
  key: ["schema", "name"],
  seen: seenRange,
} satisfies Pick<ObjectType, "fields" | "key" | "seen">;
