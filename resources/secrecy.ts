/** What the program has marked as secret. A hook is never told by the engine: what it gets is plain. */

import * as pulumi from "@pulumi/pulumi";

/** Where in the arguments something is secret: the names and places that lead to it. */
export type SecretPath = (string | number)[];

/** The hidden input that tells the hooks, so that no message shows it. The engine shows it to nobody. */
export const SECRETS_KEY = "__secrets";

/** An Output among arguments, and where it is. */
interface Place {
  readonly path: SecretPath;
  readonly value: unknown;
}

/**
 * Where in a value something is secret, beside what is secret by its name; undefined if nothing is. A value without an Output
 * cannot hold a secret, and costs nothing. That there is a secret is none itself.
 */
export function secretPaths(
  value: unknown,
  names: readonly string[] = [],
): Promise<SecretPath[] | undefined> | undefined {
  const places = outputsIn(value, []);
  return places.length + names.length === 0 ? undefined : secretAmong(places, names);
}

/** Whether anything in a value is secret. */
export function hasSecret(value: unknown): Promise<true | undefined> | undefined {
  return secretPaths(value)?.then((paths) => paths && true);
}

async function secretAmong(places: readonly Place[], names: readonly string[]): Promise<SecretPath[] | undefined> {
  const secret = await Promise.all(
    // What fails is told by the argument itself.
    places.map(({ value }) => pulumi.isSecret(pulumi.output(value)).catch(() => false)),
  );
  const paths = [...names.map((name) => [name]), ...places.filter((_, index) => secret[index]).map(({ path }) => path)];
  return paths.length > 0 ? paths : undefined;
}

function outputsIn(value: unknown, path: SecretPath): Place[] {
  if (value === null || typeof value !== "object") return [];
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((inner, index) => outputsIn(inner, [...path, index]));
  if (Object.getPrototypeOf(value) !== Object.prototype) return [];
  return Object.entries(value).flatMap(([name, inner]) => outputsIn(inner, [...path, name]));
}
