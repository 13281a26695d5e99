import type { PolicyConfigSchema } from "@pulumi/policy";

/** The schema of a list of names. */
export function names(description: string, value: string[] = []): PolicyConfigSchema["properties"][string] {
  return { type: "array", items: { type: "string" }, description, default: value };
}
