/** What the SQL in a preview may not show: what the program has marked as secret. */

import * as pulumi from "@pulumi/pulumi";

let requested = false;

/** Some Provider of this program has `showSql`. */
export function requestSql(): void {
  requested = true;
}

/**
 * The input `sql`, whose text is the provider's to write. Whether it is secret is known here alone: it is as secret as the
 * arguments that go into it. Undefined where nobody asks for it, or where no argument can be secret.
 */
export function sqlInput(args: Readonly<Record<string, unknown>>): pulumi.Output<string> | undefined {
  const asked = requested || new pulumi.Config("pgmob").get("showSql") === "true";
  return asked && holdsOutput(args) ? pulumi.output(args).apply(() => "") : undefined;
}

/** Whether there is an Output in a value, so that something of it may be secret. */
export function holdsOutput(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  return pulumi.Output.isInstance(value) || value instanceof Promise || Object.values(value).some(holdsOutput);
}
