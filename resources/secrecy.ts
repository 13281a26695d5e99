import * as pulumi from "@pulumi/pulumi";
import { holdsOutput } from "./shown-sql";

/**
 * Whether anything in a value is secret, as a program marks it: `true`, or undefined. A hook is never told: what it gets is
 * plain. A value without an Output cannot hold a secret, and costs nothing.
 */
export function hasSecret(value: unknown): pulumi.Output<true | undefined> | undefined {
  if (!holdsOutput(value)) return undefined;
  // The answer itself is none, whatever it is about.
  return pulumi.output(pulumi.isSecret(pulumi.output(value))).apply((secret) => secret || undefined);
}
