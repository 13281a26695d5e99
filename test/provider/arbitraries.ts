/** Values of every attribute of every type that can be imported, as arbitraries of fast-check, made from the field tables. */

import fc from "fast-check";
import type { Field, ObjectType, Values } from "../../provider/definition";
import { orDefault } from "../../provider/fields";
import { pointInTime } from "../../provider/times";
import { flag, type Json, objectName, sameValue, text, type ValueType } from "../../provider/values";
import { databaseGroups } from "./arbitraries/database";
import type { Ground, Group } from "./arbitraries/group";
import { hbaRuleGroups } from "./arbitraries/hba-rule";
import { anyTime, roleGroups } from "./arbitraries/role";
import { sequenceGroups } from "./arbitraries/sequence";
import { slotGroups } from "./arbitraries/slot";
import { anyText } from "./arbitraries/text";

export type { Ground } from "./arbitraries/group";

/** Attributes of one type that go together, or whose values their type alone does not tell. */
const GROUPS: Readonly<Record<string, readonly Group[]>> = {
  Role: roleGroups,
  Database: databaseGroups,
  Schema: [],
  Sequence: sequenceGroups,
  ReplicationSlot: slotGroups,
  HbaRule: hbaRuleGroups,
};

/** What must be there whatever else is. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = { ReplicationSlot: ["type"], HbaRule: ["type"] };

/** Values that their type alone tells. */
const BY_VALUE: ReadonlyMap<ValueType, fc.Arbitrary<Json>> = new Map<ValueType, fc.Arbitrary<Json>>([
  [flag, fc.boolean()],
  [text, anyText],
  [pointInTime, anyTime],
]);

/** Which attributes are declared, and which of them must be. */
export interface DeclarationOptions {
  /** Whether an attribute may be declared. Default: every one may. */
  readonly only?: (attribute: string, field: Field) => boolean;
  /** An attribute that is declared, and not as it is by default. */
  readonly must?: string;
}

/**
 * Declarations of an object, without what says which one it is: its key and its database. Each is one that `check` accepts
 * and that the ground takes.
 *
 * @throws Error for a type with an attribute that nobody has said how to make
 */
export function declarations(
  type: ObjectType,
  ground: Ground,
  { only = () => true, must }: DeclarationOptions = {},
): fc.Arbitrary<Values> {
  const required = REQUIRED[type.type] ?? [];
  const parts = groupsOf(type).map((group) => {
    const made = group.make(ground);
    if (must !== undefined && group.attributes.includes(must))
      return made.filter((values) => tells(type, values, must));
    if (required.some((name) => group.attributes.includes(name))) return made;
    return fc.oneof(made, fc.constant({}));
  });
  const allowed = (name: string) => only(name, type.fields[name] as Field);
  return fc
    .tuple(...parts)
    .map((all): Values => Object.fromEntries(all.flatMap(Object.entries).filter(([name]) => allowed(name))));
}

/** The attributes that {@link declarations} can give another value than the default on a ground. */
export function attributesOn(type: ObjectType, ground: Ground): string[] {
  return groupsOf(type).flatMap((group) => {
    const samples = fc.sample(group.make(ground), { numRuns: 400, seed: 1 });
    return group.attributes.filter((name) => samples.some((values) => tells(type, values, name)));
  });
}

/** Whether values say something of an attribute that is not so anyway. */
export function tells(type: ObjectType, values: Values, name: string): boolean {
  const [field, value] = [type.fields[name], values[name]];
  if (field === undefined || value === undefined) return false;
  if (field.default === undefined) return true;
  return !sameValue(field.value, orDefault(field, value), field.default);
}

/** The attributes of a type in groups, one that goes with no other by itself. */
function groupsOf(type: ObjectType): Group[] {
  const groups = GROUPS[type.type];
  if (groups === undefined) throw new Error(`nobody has said how to make a ${type.type}`);
  const known = new Set(groups.flatMap(({ attributes }) => attributes));
  const others = Object.entries(type.fields).flatMap(([name, field]): Group[] => {
    if (known.has(name) || field.hidden || type.key.includes(name) || field.change === "address") return [];
    return [{ attributes: [name], make: (ground) => single(type, name, field, ground) }];
  });
  return [...groups, ...others];
}

function single(type: ObjectType, name: string, field: Field, { roles }: Ground): fc.Arbitrary<Values> {
  if (name === "owner" && field.value === objectName)
    return roles.length === 0 ? fc.constant({}) : fc.constantFrom(...roles).map((owner) => ({ owner }));
  // A type that is made of another one, such as a comment, has its check.
  const known = [...BY_VALUE].find(([value]) => value === field.value || value.accepts === field.value.accepts);
  if (known === undefined) throw new Error(`nobody has said how to make the ${name} of a ${type.type}`);
  return known[1].map((value) => ({ [name]: value }));
}
