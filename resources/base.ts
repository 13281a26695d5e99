import * as pulumi from "@pulumi/pulumi";
import { asText } from "./int64";
import { expectHost } from "./provider-host";
import { SECRETS_KEY, secretPaths } from "./secrecy";
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
  /** Whether what it is about has no name: the resource's is none of its inputs then. Default: it is one. */
  readonly nameless?: true;
  /** Properties that are secret without the user's marking them. */
  readonly secrets?: readonly (keyof P & string)[];
  /** Properties that are whole numbers of 64 bits: they travel as text. */
  readonly int64s?: readonly (keyof P & string)[];
}

/** The type of a resource as the engine, the state and policies name it. */
export function typeToken(type: string): string {
  return `pulumi-nodejs:dynamic/pgmob:${type}`;
}

/**
 * The text that every state keeps for every resource, and that the provider host runs: it names one entry of this
 * package, captures nothing, and is never changed. What it does is all behind that entry.
 */
export function providerText(type: string): string {
  return `exports.handler=()=>require("pulumi-pgmob/provider").hooks("${type}")`;
}

/**
 * What a resource hands to `CustomResource`: type token, name, properties and options. Without a `name`, an object that has
 * one is called like the resource. A function, not a base class: the SDK takes whoever calls the constructor of a direct
 * subclass for the user's code, and keeps that position in state.
 */
export function registration<P, C>(
  definition: ResourceDefinition<P, C>,
  name: string,
  args: object | undefined,
  options: pulumi.CustomResourceOptions = {},
): [type: string, name: string, properties: pulumi.Inputs, options: pulumi.CustomResourceOptions] {
  refuseImport(definition.type, name, options);
  expectHost();
  shortTraces();
  const secrets = definition.secrets ?? [];
  const properties: pulumi.Inputs = {
    // A lookup (`get`) has an id, and asks the server for everything else; a transform may add what is not declared here.
    ...(options.id !== undefined || options.transforms?.length ? definition.attributes : {}),
    ...(options.id === undefined && !definition.nameless ? { name } : {}),
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
  const isOpen = ([name]: [string, unknown]) => !secrets.some((secret) => secret === name);
  const open = Object.fromEntries(Object.entries({ ...args }).filter(isOpen));
  const sql = sqlInput(open);
  if (sql !== undefined) properties.sql = sql;
  const hidden = secretPaths(open, options.additionalSecretOutputs);
  if (hidden !== undefined) properties[SECRETS_KEY] = hidden;
  const additionalSecretOutputs = [...(options.additionalSecretOutputs ?? []), ...secrets];
  // Two objects of one name are never there at a time. `diff` says so as well, but `--replace` does not ask it.
  const alone = { deleteBeforeReplace: true, ...options };
  return [typeToken(definition.type), name, properties, { ...alone, additionalSecretOutputs }];
}

/** With the option `import`, the engine reads by the id alone, and the SDK's host fails without the provider's text. */
function refuseImport(type: string, name: string, options: pulumi.CustomResourceOptions): void {
  if (options.import === undefined) return;
  throw new pulumi.RunError(
    `${type} "${name}": the option \`import\` is not possible for dynamic resources. Set adopt: true to take over what is ` +
      "there, or let `pulumi-pgmob import` write the program",
  );
}

/**
 * Completes the class of a resource. Policy packs know it by its type (`validateResourceOfType`). And an attribute that is
 * not declared becomes an Output when somebody asks for it: the SDK would make one of each for every resource, at four
 * promises with a stack trace each, and a program with many resources would take twice as long.
 */
export function completeClass<P, C>(
  resource: { readonly prototype: pulumi.CustomResource },
  { type, attributes }: ResourceDefinition<P, C>,
): void {
  Object.defineProperty(resource, "__pulumiType", { value: typeToken(type) });
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
