/** The arguments of large objects, whose names are their oids. */

import fc from "fast-check";
import { UNKNOWN } from "../../../provider/unknown";
import { hostileLongText, hostileText, isNameable, isStorable } from "../texts";
import type { Argument } from "../trial";
import { comment, noSuchRole, nothing, role } from "./common";
import { readOf } from "./taken-over";

/** An oid for a unique name, which begins with the number of the text: `h7_…`. */
const oidOf = (unique: string) => 4_000_000_000 + Number(/^h(\d+)_/.exec(unique)?.[1]);

/** Makes a large object. */
export const largeObject = (oid: number | string) => ["SELECT lo_create(%L)", String(oid)] as const;

/** Hostile texts, and numbers that an oid can be, or can nearly be. None stands for what is not known yet: no oid looks so. */
export const oidTexts = fc.oneof(
  hostileText.filter((text) => text !== UNKNOWN),
  fc.bigInt({ min: -2n, max: 2n ** 32n + 9n }).map(String),
);

/** Whether a text is an oid. */
export const isOid = (text: string) => /^[1-9]\d*$/.test(text) && BigInt(text) < 2n ** 32n;

/** The arguments of large objects. */
export function largeObjects(): Argument[] {
  const base = { type: "LargeObject", texts: hostileText, adds: nothing };
  const of = readOf("pg_largeobject_metadata");
  return [
    {
      ...base,
      ...{ name: "oid", count: 90, texts: oidTexts, accepts: isOid, read: of("to_json(x.oid::text)") },
      needs: (oid) => (isOid(oid) ? [largeObject(oid)] : []),
      // As a program sends it, in which text is accepted as well.
      inputs: (oid) => ({ oid: isOid(oid) ? Number(oid) : oid }),
    },
    {
      ...base,
      ...{ name: "owner", count: 90, accepts: isNameable, refusal: noSuchRole },
      needs: (text, name) => [...role(text), largeObject(oidOf(name))],
      inputs: (owner, name) => ({ oid: oidOf(name), owner }),
      read: of("to_json(pg_get_userbyid(x.lomowner))"),
    },
    {
      ...base,
      ...{ name: "comment", count: 90, texts: hostileLongText, accepts: isStorable, expected: comment },
      needs: (_, name) => [largeObject(oidOf(name))],
      inputs: (comment, name) => ({ oid: oidOf(name), comment }),
      read: of("to_json(obj_description(x.oid, 'pg_largeobject'))"),
      adds: (text) => ({ pg_description: text === "" ? 0 : 1 }),
    },
    {
      ...base,
      ...{ name: "database", count: 60, accepts: isNameable, refusal: () => "database .* does not exist" },
      inputs: (database, name) => ({ oid: oidOf(name), database }),
    },
  ];
}
