import * as pulumi from "@pulumi/pulumi";

/** The properties of a resource, each undefined: named so that each becomes an Output, whether it is declared or not. */
export type Blank<P> = Readonly<Record<keyof P, undefined>>;

/** What the resource of one object type needs beside its documentation. */
export interface ResourceDefinition<P> {
  /** The type, as in the type token. */
  readonly type: string;
  /** Every property: declared and computed ones. */
  readonly properties: Blank<P>;
  /** Properties that are secret without the user's marking them. */
  readonly secrets?: readonly (keyof P & string)[];
}

/**
 * The text that every state keeps for every resource, and that the provider host runs: it names one entry of this
 * package, captures nothing, and is never changed. What it does is all behind that entry.
 */
export function providerText(type: string): string {
  return `exports.handler=()=>require("pulumi-pgmob/provider").hooks("${type}")`;
}

/** The base of every resource. Without a `name`, the object is called like the resource. */
export abstract class PostgresResource<P extends { name: string }> extends pulumi.CustomResource {
  /** @internal */
  constructor(
    definition: ResourceDefinition<P>,
    name: string,
    args: object | undefined,
    options: pulumi.CustomResourceOptions = {},
  ) {
    const secrets = definition.secrets ?? [];
    const given = args as Record<string, unknown> | undefined;
    const properties: Record<string, unknown> = {
      ...definition.properties,
      // A lookup (`get`) has an id, and asks the server for everything else.
      ...(options.id === undefined ? { name } : {}),
      ...withoutUndefined(given),
      __provider: providerText(definition.type),
    };
    for (const secret of secrets) {
      const value = properties[secret];
      if (value !== undefined && value !== null) properties[secret] = pulumi.secret(value);
    }
    super(`pulumi-nodejs:dynamic/pgmob:${definition.type}`, name, properties, {
      ...options,
      additionalSecretOutputs: [...(options.additionalSecretOutputs ?? []), ...secrets],
    });
  }
}

function withoutUndefined(values: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
