/** Bytes as text with one character per byte, so that patterns can be used on them and none is ever lost. */

import { createHash } from "node:crypto";

/** Text whose characters stand for bytes: U+0000 to U+00FF. */
export type Bytes = string;

/** The bytes of a text in UTF-8. */
export function bytesOf(text: string): Bytes {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text of bytes in UTF-8; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Bytes): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The text of bytes for people to read and to name: UTF-8, or else Latin-1. */
export function shown(bytes: Bytes): string {
  const text = textOf(bytes);
  return bytesOf(text) === bytes ? text : bytes;
}

/** The bytes that PostgreSQL's `encode(…, 'hex')` wrote. */
export function fromHex(hex: string): Bytes {
  return Buffer.from(hex, "hex").toString("latin1");
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Bytes): string {
  return createHash("sha256").update(bytes, "latin1").digest("hex");
}
