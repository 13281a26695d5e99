/** The files of an import: the program, what `pulumi import --file` takes, and the secrets as configuration. */

import type { Values } from "../definition";
import type { Declared } from "./declaration";
import { programOf } from "./program";
import { isSecret, type Resource, resourcesOf } from "./resources";

/** The texts of the files, in pieces: together they may be long. */
export interface ImportFiles {
  /** A TypeScript program that declares everything. */
  readonly program: string;
  /** The JSON that `pulumi import --file` takes. It holds passwords' verifiers. */
  readonly imports: Iterable<string>;
  /** A script of the shell that makes the secrets configuration of the stack; undefined where there are none. */
  readonly secrets: string | undefined;
  /** How many lines of pg_hba.conf the program takes over when it is told to. */
  readonly foreign: number;
}

/** What states name for the provider host to load; the resources have the same. */
const ENTRY = "pulumi-pgmob/provider";

/** How the engine marks a secret in JSON. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** Makes the files of declarations. */
export function filesOf(declared: readonly Declared[]): ImportFiles {
  const named = resourcesOf(declared);
  const secrets = named.resources.flatMap(secretsOf);
  return {
    program: programOf(named),
    imports: importsOf(named.resources.filter(({ foreign }) => !foreign)),
    secrets: secrets.length === 0 ? undefined : scriptOf(secrets),
    foreign: declared.filter(({ foreign }) => foreign).length,
  };
}

function* importsOf(resources: readonly Resource[]): Generator<string> {
  yield '{"resources": [';
  let separator = "\n";
  for (const resource of resources) {
    yield separator + JSON.stringify(specOf(resource));
    separator = ",\n";
  }
  yield "\n]}\n";
}

function specOf(resource: Resource) {
  const { type, name, id, inputs, outputs } = resource;
  const text = `exports.handler=()=>require(${JSON.stringify(ENTRY)}).hooks(${JSON.stringify(type.type)})`;
  return {
    type: `pulumi-nodejs:dynamic/pgmob:${type.type}`,
    ...{ name, id },
    inputs: { ...marked(inputs, resource), __provider: text },
    outputs: { ...marked(outputs, resource), __provider: text },
  };
}

function marked(values: Values, resource: Resource): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    isSecret(resource, name) ? { ...SECRET, plaintext: JSON.stringify(value) } : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** The configuration keys of a resource's secrets, and their values. */
function secretsOf({ secrets, inputs }: Resource): [key: string, value: string][] {
  return [...secrets].map(([secret, key]) => {
    const [attribute = "", part] = secret.split(".");
    const value = inputs[attribute];
    return [key, String(part === undefined ? value : (value as Values)[part])];
  });
}

/** Through standard input, because arguments of a process are there for everybody to see. */
function scriptOf(secrets: readonly (readonly [key: string, value: string])[]): string {
  const commands = secrets.map(([key, value]) => {
    const end = value === "END" ? "END-" : "END";
    return `pulumi config set --secret ${key} <<'${end}'\n${value}\n${end}\n`;
  });
  return `#!/bin/sh\nset -eu\n${commands.join("")}`;
}
