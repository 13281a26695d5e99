/** Attributes of HBA rules. */

import fc from "fast-check";
import type { Values } from "../../../provider/definition";
import { METHODS } from "../../../provider/hba/methods";
import { CONNECTIONS } from "../../../provider/hba/rule";
import type { Json } from "../../../provider/values";
import type { Ground, Group } from "./group";
import { anyLine } from "./text";

/** An option's value: the server reads tokens of some 250 bytes at most, before 16. */
const optionText = anyLine.filter((text) => Buffer.byteLength(text) < 60);

/** The options of a method, where it has any that a server takes for what they are without looking further. */
const OPTIONS: Readonly<Record<string, fc.Arbitrary<Values>>> = {
  ident: fc.record({ map: optionText }, { requiredKeys: [] }),
  peer: fc.record({ map: optionText }, { requiredKeys: [] }),
  cert: fc.record({ map: optionText, clientname: fc.constantFrom("CN", "DN") }, { requiredKeys: [] }),
  ldap: fc.record({ ldapserver: fc.constant("ldap.example.net"), ldapbasedn: optionText, ldapbindpasswd: optionText }),
  radius: fc.record(
    {
      radiusservers: fc.constant("192.0.2.1"),
      radiussecrets: fc.stringMatching(/^[A-Za-z0-9#']{1,20}$/),
      radiusidentifiers: fc.stringMatching(/^[a-z]{1,8}$/),
    },
    { requiredKeys: ["radiusservers", "radiussecrets"] },
  ),
  pam: fc.record({ pamservice: optionText }, { requiredKeys: [] }),
};

const network4 = fc
  .tuple(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }))
  .map(([address, length]): [number, number] => [length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0, length]);
const dotted = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");

/** Where connections come from, written in any of the ways that there are. */
const where: fc.Arbitrary<Values> = fc.oneof(
  network4.map(([address, length]): Values => ({ address: `${dotted(address)}/${length}` })),
  network4.map(
    ([address, length]): Values => ({
      address: dotted(address),
      netmask: dotted(length === 0 ? 0 : (-1 << (32 - length)) >>> 0),
    }),
  ),
  fc.constantFrom<Values>(
    ...["all", "samehost", "samenet", "db.example.net", ".example.net", "::1/128", "FE80::/10", "2001:db8::/32"].map(
      (address) => ({ address }),
    ),
    { address: "2001:db8::", netmask: "ffff:ffff::" },
  ),
);

/** Items of a list: keywords, names, files, and from 16 on regular expressions. */
function items(
  names: readonly string[],
  keywords: readonly string[],
  ground: Ground,
  more: Values[],
): fc.Arbitrary<Json> {
  // A name with an end of line cannot be written before 16.
  const readable = names.filter((name) => ground.version >= 16 || !/[\n\r]/.test(name));
  const item = fc.constantFrom<Json>(
    ...keywords,
    ...readable,
    ...["all", "replication"].map((name) => ({ name })),
    ...ground.files.map((file) => ({ file })),
    ...(ground.version >= 16 ? [{ regex: "^app_\\d+$" }, { regex: 'a,b "c"' }] : []),
    ...more,
  );
  return fc.array(item, { minLength: 1, maxLength: 4 });
}

function rules(ground: Ground): fc.Arbitrary<Values> {
  const usable = CONNECTIONS.flatMap((type) =>
    ground.methods.flatMap((method) => {
      const { only = [type], not = [], since = 0 } = METHODS[method] ?? {};
      return only.includes(type) && !not.includes(type) && ground.version >= since ? [{ type, method }] : [];
    }),
  );
  const groups = ground.roles.filter((name) => !/[\r\n]/.test(name)).map((group) => ({ group }));
  return fc.constantFrom(...usable).chain(({ type, method }) =>
    fc
      .tuple(
        items(ground.databases, ["all", "sameuser", "samerole", "replication"], ground, []),
        items(ground.roles, ["all"], ground, groups),
        type === "local" ? fc.constant<Values>({}) : where,
        OPTIONS[method] ?? fc.constant<Values>({}),
      )
      .map(([databases, users, address, options]) => ({
        ...{ type, databases, users, ...address, method },
        ...(Object.keys(options).length > 0 ? { options } : {}),
      })),
  );
}

function places({ rules: others }: Ground): fc.Arbitrary<Values> {
  // No order is the order 0.
  const numbers = fc.integer({ min: -1000, max: 1000 }).filter((number) => number !== 0);
  const order = numbers.map((number): Values => ({ order: number }));
  if (others.length === 0) return order;
  const beside = fc
    .tuple(fc.constantFrom("before", "after"), fc.constantFrom(...others))
    .map(([side, rule]): Values => ({ [side]: rule }));
  return fc.oneof(order, { weight: 2, arbitrary: beside });
}

/** Of all attributes that are not made by their type alone. */
export const hbaRuleGroups: readonly Group[] = [
  { attributes: ["type", "databases", "users", "address", "netmask", "method", "options"], make: rules },
  { attributes: ["order", "before", "after"], make: places },
  { attributes: ["comment"], make: () => anyLine.map((comment) => ({ comment })) },
];
