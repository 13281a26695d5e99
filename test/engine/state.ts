import { createHash } from "node:crypto";
import type { PassphraseSecrets } from "./secrets";
import {
  isObject,
  mapProperties,
  type PropertyMap,
  SECRET_SIGNATURE,
  Secret,
  SIGNATURE_KEY,
  UNKNOWN,
  UNKNOWN_TEXT,
  Unknown,
  type Value,
} from "./values";

/** The version that states of this engine are marked with: that of the CLI whose behaviour it follows. */
export const ENGINE_VERSION = "v3.260.0";

/** A resource as the state holds it, with Pulumi's names; what is not set is absent. */
export interface ResourceState {
  urn: string;
  custom: boolean;
  delete?: boolean;
  id?: string;
  type: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
  parent?: string;
  protect?: boolean;
  external?: boolean;
  dependencies: string[];
  initErrors?: string[];
  provider?: string;
  propertyDependencies: Record<string, string[]>;
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  aliases?: string[];
  customTimeouts?: { create?: number; update?: number; delete?: number; read?: number };
  retainOnDelete?: boolean;
  deletedWith?: string;
  created?: string;
  modified?: string;
  sourcePosition?: string;
  stackTrace?: { sourcePosition?: string }[];
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
}

/** An operation that was begun and whose end is not recorded. */
export interface PendingOperation {
  resource: ResourceState;
  type: "creating" | "updating" | "deleting" | "reading";
}

/** A resource in the JSON of a state: `inputs` and `outputs` hold encrypted secrets. */
export type StoredResource = Omit<ResourceState, "inputs" | "outputs" | "dependencies" | "propertyDependencies"> & {
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
};

/** A stack's state in the format of `pulumi stack export`. */
export interface Deployment {
  version: 3;
  deployment: {
    manifest: { time: string; magic: string; version: string };
    secrets_providers?: { type: "passphrase"; state: { salt: string } };
    resources?: StoredResource[];
    pending_operations?: { resource: StoredResource; type: PendingOperation["type"] }[];
    metadata?: Record<string, unknown>;
  };
}

/** The order of keys in a stored resource, as Pulumi writes them. */
const KEYS = (
  "urn custom delete id type inputs outputs parent protect external dependencies initErrors provider " +
  "propertyDependencies pendingReplacement additionalSecretOutputs aliases customTimeouts retainOnDelete deletedWith " +
  "created modified sourcePosition stackTrace ignoreChanges replaceOnChanges"
).split(" ");

/** Writes a whole state. */
export function writeDeployment(
  resources: ResourceState[],
  pending: PendingOperation[],
  secrets: PassphraseSecrets,
): Deployment {
  const deployment: Deployment["deployment"] = {
    manifest: {
      time: new Date().toISOString(),
      magic: createHash("sha256").update(ENGINE_VERSION).digest("hex"),
      version: ENGINE_VERSION,
    },
    secrets_providers: { type: "passphrase", state: { salt: secrets.salt } },
  };
  if (resources.length > 0) deployment.resources = resources.map((resource) => writeResource(resource, secrets));
  if (pending.length > 0) {
    deployment.pending_operations = pending.map(({ resource, type }) => ({
      resource: writeResource(resource, secrets),
      type,
    }));
  }
  deployment.metadata = {};
  return { version: 3, deployment };
}

function writeResource(resource: ResourceState, secrets: PassphraseSecrets): StoredResource {
  const stored: Record<string, unknown> = {
    ...resource,
    inputs: writeProperties(resource.inputs, secrets),
    outputs: writeProperties(resource.outputs, secrets),
    propertyDependencies: sortKeys(resource.propertyDependencies),
  };
  const present = (value: unknown) =>
    typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
  return Object.fromEntries(
    [...KEYS, ...Object.keys(stored).filter((key) => !KEYS.includes(key))]
      .filter((key) => key === "custom" || present(stored[key]))
      .map((key) => [key, stored[key]]),
  ) as unknown as StoredResource;
}

function sortKeys<T>(object: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function writeProperties(properties: PropertyMap, secrets: PassphraseSecrets | undefined): Record<string, unknown> {
  return sortKeys(
    Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, writeValue(value, secrets)])),
  );
}

/** Without `secrets` what is inside another secret stays readable: the whole is encrypted once, outside. */
function writeValue(value: Value, secrets: PassphraseSecrets | undefined): unknown {
  if (value instanceof Unknown) return UNKNOWN_TEXT;
  if (value instanceof Secret) {
    const plain = JSON.stringify(writeValue(value.value, undefined));
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, ciphertext: secrets === undefined ? plain : secrets.encrypt(plain) };
  }
  if (Array.isArray(value)) return value.map((v) => writeValue(v, secrets));
  return isObject(value) ? writeProperties(value, secrets) : value;
}

/** Reads a whole state. Throws when it is not one of version 3, or when a secret cannot be decrypted. */
export function readDeployment(
  stored: Deployment,
  secrets: PassphraseSecrets,
): { resources: ResourceState[]; pending: PendingOperation[] } {
  if (stored.version !== 3) throw new Error(`unsupported version ${stored.version} of the state: expected 3`);
  const read = (resource: StoredResource): ResourceState => ({
    ...resource,
    inputs: readValue(resource.inputs ?? {}, secrets) as PropertyMap,
    outputs: readValue(resource.outputs ?? {}, secrets) as PropertyMap,
    dependencies: resource.dependencies ?? [],
    propertyDependencies: resource.propertyDependencies ?? {},
  });
  return {
    resources: (stored.deployment.resources ?? []).map(read),
    pending: (stored.deployment.pending_operations ?? []).map(({ resource, type }) => ({
      resource: read(resource),
      type,
    })),
  };
}

function readValue(stored: unknown, secrets: PassphraseSecrets | undefined): Value {
  if (Array.isArray(stored)) return stored.map((v) => readValue(v, secrets));
  if (stored === UNKNOWN_TEXT) return UNKNOWN;
  if (typeof stored !== "object" || stored === null) return stored as Value;
  const object = stored as Record<string, unknown>;
  if (object[SIGNATURE_KEY] === SECRET_SIGNATURE) {
    const ciphertext = String(object.ciphertext);
    const plain = String(object.plaintext ?? (secrets === undefined ? ciphertext : secrets.decrypt(ciphertext)));
    return new Secret(readValue(JSON.parse(plain), undefined));
  }
  return mapProperties(object as PropertyMap, (value) => readValue(value, secrets));
}

/** A copy that shares no list or property map with the original. */
export function copyState(state: ResourceState): ResourceState {
  return {
    ...state,
    inputs: { ...state.inputs },
    outputs: { ...state.outputs },
    dependencies: [...state.dependencies],
    propertyDependencies: { ...state.propertyDependencies },
  };
}
