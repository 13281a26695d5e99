import * as pulumi from "@pulumi/pulumi";
import { asText } from "./int64";
import { sqlInput } from "./shown-sql";
import { shortTraces } from "./traces";

/** Properties of a resource, each undefined: named so that each is an Output, whether it is declared or not. */
export type Blank<P> = Readonly<Record<keyof P, undefined>>;

/** What the resource of one object type needs beside its documentation: attributes P, computed outputs C. */
export interface ResourceDefinition<P, C> {
  /** The type, as in the type token. */
  readonly type: string;
  /** Every attribute that can be declared. */
  readonly attributes: Blank<P>;
  /** What the server computes. */
  readonly computed: Blank<C>;
  /** Properties that are secret without the user's marking them. */
  readonly secrets?: readonly (keyof P & string)[];
  /** Properties that are whole numbers of 64 bits: they travel as text. */
  readonly int64s?: readonly (keyof P & string)[];
}

/**
 * The text that every state keeps for every resource, and that the provider host runs: it names one entry of this
 * package, captures nothing, and is never changed. What it does is all behind that entry.
 */
export function providerText(type: string): string {
  return `exports.handler=()=>require("pulumi-pgmob/provider").hooks("${type}")`;
}

/**
 * What a resource hands to `CustomResource`: type token, name, properties and options. Without a `name`, the object is
 * called like the resource. A function, not a base class: the SDK takes whoever calls the constructor of a direct
 * subclass for the user's code, and keeps that position in state.
 */
export function registration<P extends { name: string }, C>(
  definition: ResourceDefinition<P, C>,
  name: string,
  args: object | undefined,
  options: pulumi.CustomResourceOptions = {},
): [type: string, name: string, properties: pulumi.Inputs, options: pulumi.CustomResourceOptions] {
  shortTraces();
  const secrets = definition.secrets ?? [];
  const properties: pulumi.Inputs = {
    // A lookup (`get`) has an id, and asks the server for everything else.
    ...(options.id === undefined ? { name } : definition.attributes),
    ...definition.computed,
    ...withoutUndefined({ ...args }),
    // The engine does not tell a provider of them.
    ...(options.customTimeouts === undefined
      ? {}
      : { customTimeouts: withoutUndefined({ ...options.customTimeouts }) }),
    __provider: providerText(definition.type),
  };
  for (const name of definition.int64s ?? []) {
    if (properties[name] !== undefined) properties[name] = asText(properties[name]);
  }
  for (const secret of secrets) {
    const value = properties[secret];
    if (value !== undefined && value !== null) properties[secret] = pulumi.secret(value);
  }
  const open = Object.entries({ ...args }).filter(([name]) => !secrets.some((secret) => secret === name));
  const sql = sqlInput(Object.fromEntries(open));
  if (sql !== undefined) properties.sql = sql;
  const additionalSecretOutputs = [...(options.additionalSecretOutputs ?? []), ...secrets];
  return [`pulumi-nodejs:dynamic/pgmob:${definition.type}`, name, properties, { ...options, additionalSecretOutputs }];
}

/**
 * Makes an Output of an attribute that is not declared when somebody asks for it. The SDK would make one of each for
 * every resource, at four promises with a stack trace each, and a program with many resources would take twice as long.
 */
export function offerAttributes<P, C>(
  resource: { readonly prototype: pulumi.CustomResource },
  { attributes }: ResourceDefinition<P, C>,
): void {
  for (const name of Object.keys(attributes)) {
    Object.defineProperty(resource.prototype, name, {
      configurable: true,
      get(this: pulumi.CustomResource) {
        return this.id.apply(() => undefined);
      },
      // The SDK sets those that are declared.
      set(this: pulumi.CustomResource, value: unknown) {
        Object.defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value });
      },
    });
  }
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
