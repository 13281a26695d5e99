/** What Pulumi writes in place of a value that is not known before the update runs. */
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that marks an object of the wire and of the state as a special value. */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
/** The signature of a secret. */
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
/** The signature of an output value: a value together with what is known about it. */
export const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** The signature of a reference to another resource. */
export const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";

/** A value that is encrypted in the state and never printed. */
export class Secret {
  constructor(readonly value: Value) {}
}

/** A value that is not known yet. There is one: `UNKNOWN`. */
export class Unknown {
  readonly unknown = true;
}

/** The value that is not known yet. */
export const UNKNOWN = new Unknown();

/** A property value of a resource. */
export type Value = null | boolean | number | string | Value[] | PropertyMap | Secret | Unknown;

/** The inputs or outputs of a resource by name. */
export interface PropertyMap {
  [key: string]: Value;
}

/** Whether the value is a plain object, that is, neither an array nor a secret nor unknown. */
export function isObject(value: Value | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** Whether the value counts as set: Pulumi treats null as absent. */
export function hasValue(value: Value | undefined): boolean {
  return value instanceof Secret ? hasValue(value.value) : value !== undefined && value !== null;
}

function some(value: Value, test: (v: Value) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (Array.isArray(value)) return value.some((v) => some(v, test));
  return isObject(value) && Object.values(value).some((v) => some(v, test));
}

/** Whether the value is a secret or holds one. */
export function containsSecret(value: Value): boolean {
  return some(value, (v) => v instanceof Secret);
}

/** Whether the value is unknown or holds something unknown. */
export function containsUnknown(value: Value): boolean {
  return some(value, (v) => v instanceof Unknown);
}

/** The same properties with every secret replaced by what it holds. */
export function withoutSecrets(properties: PropertyMap): PropertyMap {
  return mapProperties(properties, reveal);
}

/** The value with every secret in it replaced by what it holds. */
export function reveal(value: Value): Value {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  return isObject(value) ? mapProperties(value, reveal) : value;
}

/** A copy of the properties with each value replaced by what `change` makes of it. */
export function mapProperties(properties: PropertyMap, change: (v: Value, key: string) => Value): PropertyMap {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, change(value, key)]));
}

/** Whether two values are equal in Pulumi's sense: an absent property equals one that is null. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => equal(v, b[i]));
  if (a instanceof Secret) return b instanceof Secret && equal(a.value, b.value);
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => {
      const [x, y] = [a[key], b[key]];
      return x === undefined || y === undefined ? !hasValue(x) && !hasValue(y) : equal(x, y);
    });
  }
  return a === b;
}

/**
 * Marks in `to` as secret, by name, what is secret in `from`: inside objects too, and a whole array for one secret
 * element. It is what the engine does for a provider that does not take secrets.
 */
export function markSecrets(to: PropertyMap, from: PropertyMap): void {
  for (const [key, source] of Object.entries(from)) {
    const target = to[key];
    if (target === undefined) continue;
    if (isObject(target) && isObject(source)) markSecrets(target, source);
    else if (!(target instanceof Secret) && containsSecret(source)) to[key] = new Secret(target);
  }
}
