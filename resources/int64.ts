import * as pulumi from "@pulumi/pulumi";

/**
 * A whole number as text, at once or inside an Output: the engine has numbers of 53 bits only, and turns a bigint into
 * an empty object. What is no such number is left as it is, for `check` to refuse it by name.
 */
export function asText(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return pulumi.output(value).apply(asText);
  return typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : value;
}

/** A value of any shape with text in place of every bigint, also inside Outputs. */
export function withoutBigints(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return pulumi.output(value).apply(withoutBigints);
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigints(inner)]));
}
