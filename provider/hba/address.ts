/** Addresses and networks of HBA rules. */

import { isIPv4, isIPv6 } from "node:net";

/** An IP address as a number. */
export interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A network: every address that is the same as `value` where `mask` has ones. */
export interface Network extends Ip {
  readonly mask: bigint;
}

/** Words that stand in the place of an address. */
export const ADDRESS_WORDS: readonly string[] = ["all", "samehost", "samenet"];

/** Reads an IP address, without a zone. Undefined for any other text. */
export function ipOf(text: string): Ip | undefined {
  if (isIPv4(text)) return { bits: 32, value: joinNumbers(text.split("."), 10, 8n) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const [head = "", tail] = hexadecimal(text).split("::");
  const groups = (part: string | undefined) => (part === undefined || part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  return { bits: 128, value: joinNumbers([...left, ...zeros, ...right], 16, 16n) };
}

/** The network of an address with its length (`10.0.0.0/8`) or with a mask beside it. Undefined when it is none. */
export function networkOf(address: string, netmask?: string | null): Network | undefined {
  const [host = "", length, ...more] = address.split("/");
  const ip = ipOf(host);
  if (ip === undefined || more.length > 0) return undefined;
  if (length === undefined) {
    const mask = ipOf(netmask ?? "");
    return mask?.bits === ip.bits ? { ...ip, mask: mask.value } : undefined;
  }
  if (netmask || !/^\d{1,3}$/.test(length) || Number(length) > ip.bits) return undefined;
  return { ...ip, mask: onesOf(ip.bits) ^ onesOf(ip.bits - Number(length)) };
}

/** Whether an address is in a network. */
export function isIn(network: Network, { bits, value }: Ip): boolean {
  return network.bits === bits && ((network.value ^ value) & network.mask) === 0n;
}

/** An address as it is commonly written. */
export function ipText({ bits, value }: Ip): string {
  const [count, width] = bits === 32 ? [4, 8n] : [8, 16n];
  const numbers = Array.from({ length: count }, (_, i) => (value >> (BigInt(count - 1 - i) * width)) & onesOf(width));
  if (bits === 32) return numbers.join(".");
  // The standard of URLs knows how to shorten the zeros.
  return new URL(`http://[${numbers.map((number) => number.toString(16)).join(":")}]`).hostname.slice(1, -1);
}

/** Whether this is what a host name, or the end of one after a dot, looks like: nothing that is read as a number. */
export function isHostName(text: string): boolean {
  return /^\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(text) && !/^\.?[0-9.]+$|^0x/i.test(text);
}

function onesOf(bits: number | bigint): bigint {
  return (1n << BigInt(bits)) - 1n;
}

function joinNumbers(parts: readonly string[], base: 10 | 16, width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(Number.parseInt(part, base)), 0n);
}

/** An IPv6 address with its last two groups in hexadecimal, where they are written as an IPv4 address. */
function hexadecimal(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
