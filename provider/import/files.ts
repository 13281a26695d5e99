/** The files of an import: the program, what `pulumi import --file` takes, and the secrets as configuration. */

import type { Values } from "../definition";
import type { Declared } from "./declaration";
import { programOf } from "./program";
import { type Resource, resourcesOf } from "./resources";

/** The texts of the files. */
export interface ImportFiles {
  /** A TypeScript program that declares everything. */
  readonly program: string;
  /** The JSON that `pulumi import --file` takes. It holds passwords' verifiers. */
  readonly imports: string;
  /** The JSON that `pulumi config set-all --json` takes; undefined where there are no secrets. */
  readonly secrets: string | undefined;
}

/** What states name for the provider host to load; the resources have the same. */
const ENTRY = "pulumi-pgmob/provider";

/** How the engine marks a secret in JSON. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** Makes the files of declarations. */
export function filesOf(declared: readonly Declared[]): ImportFiles {
  const named = resourcesOf(declared);
  const { resources } = named;
  const secrets = resources.flatMap(({ secrets: keys, inputs }) =>
    [...keys].map(([attribute, key]) => [key, { value: String(inputs[attribute]), secret: true }] as const),
  );
  return {
    program: programOf(named),
    imports: `${JSON.stringify({ resources: resources.map(specOf) }, null, 2)}\n`,
    secrets: secrets.length === 0 ? undefined : `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`,
  };
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

function marked(values: Values, { type }: Resource): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    type.fields[name]?.secret ? { ...SECRET, plaintext: JSON.stringify(value) } : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
