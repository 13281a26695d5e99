import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type Blank, providerText, typeToken } from "./base";
import { databaseName } from "./in-database";
import { expectHost } from "./provider-host";
import { SECRETS_KEY } from "./secrecy";
import { fullTraces, shortTraces } from "./traces";

/** Where a lookup is done, and after what. */
export interface LookupOptions {
  /** The server. Default: the parent's, or else the one in the stack's config. */
  provider?: pulumi.ProviderResource;
  /** The component that it belongs to, whose Provider it then has. Default: the stack. */
  parent?: pulumi.Resource;
  /**
   * What is to be done before: resources, or components with all that is in them. Where one of these is yet to be created, a
   * preview does not know the answer. What arguments are outputs of is always done before. Default: nothing else.
   */
  dependsOn?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource>;
}

/** What a lookup needs beside its documentation: arguments A. */
export interface LookupDefinition<A> {
  /** The function, which is also the type in the type token: `getRoles`. */
  readonly name: string;
  /** Every argument that it takes. */
  readonly arguments: Blank<A>;
}

/** To the engine a lookup is a resource that it does not own: it asks for it in previews, too, and never changes it. */
class Reading extends pulumi.CustomResource {
  /** The answer. The name is as frozen as the provider text. */
  declare readonly result: pulumi.Output<unknown>;
}

/**
 * Asks the server, in previews too. The answer is not known where an argument is not, or where something that the lookup
 * comes after is yet to be created, or to get the name that is asked about. What is asked twice in the same words is asked
 * once.
 */
export function lookUp<R>(
  definition: LookupDefinition<object>,
  args: object,
  options: LookupOptions,
): pulumi.Output<R> {
  expectHost();
  const given = givenOf(definition, args);
  const { provider, parent, dependsOn = [] } = options;
  const asked = pulumi.output({ given, dependsOn });
  const answer = asked.apply(async ({ given: values, dependsOn: explicit }) => {
    const before = [...(await pulumi.getAllResources(asked)), ...[explicit].flat()] as pulumi.Resource[];
    const secrets = await secretsAmong(given);
    const name = nameOf(values, secrets, [
      await addressOf(provider),
      await addressOf(parent),
      await addressesOf(before),
    ]);
    const custom = customAmong(before);
    const changes = !(await isKnown(pulumi.all(custom.flatMap(oidOf))));
    return once(`${definition.name} ${name}`, () => {
      shortTraces();
      // An id that is not known keeps the engine from asking.
      const id = pulumi.all(custom.map((resource) => resource.id)).apply(() => name);
      const properties = { result: undefined, ...given, ...(changes ? { pending: true } : {}) };
      const reading = new Reading(
        typeToken(definition.name),
        name,
        { ...properties, ...noted(secrets), __provider: providerText(definition.name) },
        { provider, parent, dependsOn, id, additionalSecretOutputs: secrets.length > 0 ? ["result"] : [] },
      );
      fullTraces();
      return reading;
    }).result;
  });
  // The program does not come to its end before.
  const done = pulumi.runtime.rpcKeepAlive();
  pulumi.getAllResources(answer).then(done, done);
  return answer as pulumi.Output<R>;
}

/** As {@link lookUp}, for objects, which are told of by oid. In the order of their names, those of each schema together. */
export function lookUpAll<T extends { readonly schema?: string; readonly name: string }>(
  ...asked: Parameters<typeof lookUp>
): pulumi.Output<T[]> {
  const compare = (one = "", other = "") => (one < other ? -1 : Number(one > other));
  return lookUp<Record<string, T>>(...asked).apply((found) =>
    Object.values(found).sort((one, other) => compare(one.schema, other.schema) || compare(one.name, other.name)),
  ) as pulumi.Output<T[]>;
}

/** The arguments that are given. Options that stand among them by mistake are told at once, not taken for values. */
function givenOf({ name, arguments: known }: LookupDefinition<object>, args: object): pulumi.Inputs {
  for (const argument of Object.keys(args)) {
    if (Object.hasOwn(known, argument)) continue;
    throw new TypeError(`${name} has no argument ${JSON.stringify(argument)}; options are its second argument`);
  }
  return Object.fromEntries(Object.entries(databaseName(args)).filter(([, value]) => value !== undefined));
}

async function secretsAmong(given: pulumi.Inputs): Promise<string[]> {
  const names = Object.keys(given);
  const secret = await Promise.all(names.map((name) => pulumi.isSecret(pulumi.output(given[name]))));
  return names.filter((_, index) => secret[index]);
}

function noted(secrets: readonly string[]): pulumi.Inputs {
  return secrets.length > 0 ? { [SECRETS_KEY]: secrets.map((name) => [name]) } : {};
}

/**
 * The name of a lookup in the state: what is asked for in short, and a hash of all that tells it from others. The order of
 * lookups in a program plays no part, so that it is the same the next time.
 */
function nameOf(values: pulumi.Inputs, secrets: readonly string[], place: readonly unknown[]): string {
  const entries = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify([entries, secrets, place]));
  const shown = entries.filter(([name]) => !secrets.includes(name)).map(([name, value]) => `${name}=${value}`);
  const text = shown.join(",").replace(/[^\w.,=%-]+/g, "_");
  return [...(text === "" ? [] : [text.slice(0, 60)]), hash.digest("hex").slice(0, 16)].join("-");
}

/** The URN of a resource, without stack and project. */
async function addressOf(resource: pulumi.Resource | undefined): Promise<string> {
  let address = "";
  const read = resource?.urn.apply((urn) => {
    address = urn.split("::").slice(2).join("::");
  });
  if (read !== undefined) await pulumi.getAllResources(read);
  return address;
}

async function addressesOf(resources: readonly pulumi.Resource[]): Promise<string[]> {
  return [...new Set(await Promise.all(resources.map(addressOf)))].sort();
}

/** The resources that are created, those in components among them: a component has no id that could be waited for. */
function customAmong(
  resources: readonly pulumi.Resource[],
  seen = new Set<pulumi.Resource>(),
): pulumi.CustomResource[] {
  return resources.flatMap((resource) => {
    if (seen.has(resource)) return [];
    seen.add(resource);
    if (pulumi.CustomResource.isInstance(resource)) return resource.id === undefined ? [] : [resource];
    const { __childResources: children = [] } = resource as { __childResources?: Iterable<pulumi.Resource> };
    return customAmong([...children], seen);
  });
}

/** What an update leaves unknown in a preview. The engine tells nobody that there will be one. */
function oidOf(resource: pulumi.CustomResource): pulumi.Output<unknown>[] {
  const { oid } = resource as { oid?: unknown };
  return pulumi.Output.isInstance(oid) ? [oid] : [];
}

async function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  let known = false;
  const applied = output.apply(() => {
    known = true;
  });
  await pulumi.getAllResources(applied);
  return known;
}

/** What was read so far, by name; by the connection to the engine, because a process may run several programs. */
const readings = new WeakMap<object, Map<string, Reading>>();

function once(key: string, read: () => Reading): Reading {
  const engine = pulumi.runtime.getMonitor() ?? {};
  const known = readings.get(engine) ?? new Map<string, Reading>();
  readings.set(engine, known);
  const reading = known.get(key) ?? read();
  known.set(key, reading);
  return reading;
}
