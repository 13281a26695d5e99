/** Values of PostgreSQL as JSON has them, for rows that go into state. */

import { types } from "pg";

type Read = (text: string) => unknown;

const TEXT_ARRAY = 1009;

const identity: Read = (text) => text;

/** A number that JSON has: it has neither NaN nor infinity. */
const number: Read = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);

/** The types that are more than text, each with the type of its arrays. What is of any other is text, and lists of it lists of text. */
const TYPES: readonly [type: number, array: number, read: Read][] = [
  [16, 1000, (text) => text === "t"], // bool
  [21, 1005, number], // int2
  [23, 1007, number], // int4
  [26, 1028, number], // oid
  [700, 1021, number], // float4
  [701, 1022, number], // float8
  [114, 199, JSON.parse], // json
  [3802, 3807, JSON.parse], // jsonb
  [20, 1016, identity], // int8
  [1700, 1231, identity], // numeric
  [25, TEXT_ARRAY, identity], // text
  [1042, 1014, identity], // bpchar
  [1043, 1015, identity], // varchar
  [19, 1003, identity], // name
  [2950, 2951, identity], // uuid
  [1082, 1182, identity], // date
  [1114, 1115, identity], // timestamp
  [1184, 1185, identity], // timestamptz
];

const READ = new Map<number, Read>(
  TYPES.flatMap(([type, array, read]): [number, Read][] => [
    [type, read],
    [array, (text) => inLists(types.getTypeParser(TEXT_ARRAY as number, "text")(text), read)],
  ]),
);

function inLists(value: unknown, read: Read): unknown {
  if (Array.isArray(value)) return value.map((one) => inLists(one, read));
  return value === null ? null : read(String(value));
}

/** What `pg` asks for the reading of a type. */
export const jsonValues = {
  getTypeParser: (oid: number): Read => READ.get(oid) ?? identity,
};
