import * as pulumi from "@pulumi/pulumi";

/**
 * Whether anything in a value is secret, as a program marks it: `true`, or undefined. A hook is never told: what it gets is
 * plain. A value without an Output cannot hold a secret, and costs nothing.
 */
export function hasSecret(value: unknown): pulumi.Output<true | undefined> | undefined {
  if (!hasOutput(value)) return undefined;
  // The answer itself is none, whatever it is about.
  return pulumi.output(pulumi.isSecret(pulumi.output(value))).apply((secret) => secret || undefined);
}

function hasOutput(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasOutput);
}
