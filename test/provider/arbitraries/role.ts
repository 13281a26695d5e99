/** Attributes of roles. */

import fc from "fast-check";
import type { Values } from "../../../provider/definition";
import type { Json } from "../../../provider/values";
import { anyConfig } from "./config";
import type { Ground, Group } from "./group";
import { anyText } from "./text";

const hexadecimal = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const base64 = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString("base64"));

const password = fc.oneof(
  anyText.filter((text) => text !== ""),
  hexadecimal(32).map((hash) => `md5${hash}`),
  fc
    .tuple(base64(16), base64(32), base64(32))
    .map(([salt, stored, server]) => `SCRAM-SHA-256$4096:${salt}$${stored}:${server}`),
);

/** A point in time as people write it. */
export const anyTime: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("infinity", "-infinity", "2031-05-01 10:00", "2032-02-29") },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.date({ min: new Date("1000-01-02"), max: new Date("9999-12-30"), noInvalidDate: true }),
        fc.constantFrom("", ".5", ".000001", ".120"),
        fc.constantFrom("Z", "", "+02:00", "-11", " UTC"),
      )
      .map(([date, fraction, zone]) => `${date.toISOString().slice(0, 19)}${fraction}${zone}`),
  },
);

/** What only superusers may give. */
const superuserOnly = (name: string): Group => ({
  attributes: [name],
  make: ({ superuser }) => (superuser ? fc.boolean() : fc.constant(false)).map((value) => ({ [name]: value })),
});

function memberships({ roles, version }: Ground): fc.Arbitrary<Json> {
  const options = { admin: fc.boolean(), ...(version >= 16 ? { inherit: fc.boolean(), set: fc.boolean() } : {}) };
  const one = (role: string): fc.Arbitrary<Json> =>
    fc.oneof(
      fc.constant(role),
      fc.record(options, { requiredKeys: [] }).map((chosen) => ({ role, ...chosen }) as Json),
    );
  return fc.subarray([...roles]).chain((chosen) => fc.tuple(...chosen.map(one)));
}

/** Of all attributes that are not made by their type alone. */
export const roleGroups: readonly Group[] = [
  superuserOnly("superuser"),
  superuserOnly("replication"),
  superuserOnly("bypassRls"),
  {
    attributes: ["password", "passwordVersion"],
    make: () =>
      fc
        .record({ password, passwordVersion: anyText }, { requiredKeys: ["password"] })
        .map((values): Values => values as Values),
  },
  {
    attributes: ["connectionLimit"],
    make: () => fc.integer({ min: -1, max: 2 ** 31 - 1 }).map((connectionLimit) => ({ connectionLimit })),
  },
  { attributes: ["memberOf"], make: (ground) => memberships(ground).map((memberOf) => ({ memberOf })) },
  { attributes: ["config"], make: () => anyConfig.map((config) => ({ config })) },
  {
    attributes: ["configInDatabase"],
    make: ({ databases }) =>
      fc
        .subarray([...databases])
        .chain((chosen) => fc.tuple(...chosen.map((name) => fc.tuple(fc.constant(name), anyConfig))))
        .map((entries) => ({ configInDatabase: Object.fromEntries(entries) as Values })),
  },
  {
    attributes: ["onDelete"],
    make: ({ roles, databases }) =>
      fc
        .record(
          {
            ...(roles.length > 0 ? { reassignOwnedTo: fc.constantFrom(...roles) } : {}),
            dropOwned: fc.boolean(),
            databases: fc.oneof(fc.constant("all"), fc.subarray([...databases])),
            terminateSessions: fc.boolean(),
          },
          { requiredKeys: [] },
        )
        .map((onDelete) => ({ onDelete: onDelete as Values })),
  },
];
