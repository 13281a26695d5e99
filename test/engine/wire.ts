import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  isObject,
  OUTPUT_SIGNATURE,
  type PropertyMap,
  RESOURCE_SIGNATURE,
  SECRET_SIGNATURE,
  Secret,
  SIGNATURE_KEY,
  UNKNOWN,
  UNKNOWN_TEXT,
  Unknown,
  type Value,
} from "./values";

/** How property values are written for the other side. */
export interface EncodeOptions {
  /** Send secrets as such; without it the other side gets their plain values. */
  secrets?: boolean;
  /** Send unknown values as the well-known text; without it they are left out. */
  unknowns?: boolean;
  /** Send references to resources as such; without it the other side gets their id, or their URN for a component. */
  resources?: boolean;
}

/** The texts that stand for an unknown value, one per type; any of them may arrive. */
const UNKNOWN_TEXTS = new Set([
  UNKNOWN_TEXT,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads the properties of a message. `undefined` when the message has none. */
export function decode(struct: Struct | undefined): PropertyMap | undefined {
  return struct === undefined ? undefined : (decodeValue(struct.toJavaScript()) as PropertyMap);
}

function decodeValue(raw: JavaScriptValue): Value {
  if (typeof raw === "string") return UNKNOWN_TEXTS.has(raw) ? UNKNOWN : raw;
  if (typeof raw !== "object" || raw === null) return raw;
  if (Array.isArray(raw)) return raw.map(decodeValue);
  const object = raw as Record<string, JavaScriptValue>;
  const signature = object[SIGNATURE_KEY];
  if (signature === SECRET_SIGNATURE) return new Secret(decodeValue(object.value ?? null));
  if (signature === OUTPUT_SIGNATURE) {
    const value = "value" in object ? decodeValue(object.value ?? null) : UNKNOWN;
    return object.secret === true ? new Secret(value) : value;
  }
  if (signature !== undefined && signature !== RESOURCE_SIGNATURE) {
    throw new Error("assets and archives are not supported by this engine");
  }
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, decodeValue(value)]));
}

/** Writes properties for a message. */
export function encode(properties: PropertyMap, options: EncodeOptions = {}): Struct {
  return Struct.fromJavaScript((encodeValue(properties, options) ?? {}) as Record<string, JavaScriptValue>);
}

function encodeValue(value: Value, options: EncodeOptions): JavaScriptValue | undefined {
  if (value instanceof Unknown) return options.unknowns ? UNKNOWN_TEXT : undefined;
  if (value instanceof Secret) {
    const inner = encodeValue(value.value, options);
    if (!options.secrets || inner === undefined) return inner;
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: inner };
  }
  if (Array.isArray(value)) {
    return value.map((v) => encodeValue(v, options)).filter((v): v is JavaScriptValue => v !== undefined);
  }
  if (!isObject(value)) return value;
  if (value[SIGNATURE_KEY] === RESOURCE_SIGNATURE && !options.resources) {
    return encodeValue(value.id ?? value.urn ?? null, options);
  }
  const result: Record<string, JavaScriptValue> = {};
  for (const [key, v] of Object.entries(value)) {
    const encoded = encodeValue(v, options);
    if (encoded !== undefined) result[key] = encoded;
  }
  return result;
}
