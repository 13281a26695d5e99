/** Values that must not be seen in messages. */

import type { Values } from "./definition";
import { redact } from "./errors";
import { UNKNOWN } from "./unknown";

/** Where a value is: the names and places that lead to it. */
type Path = readonly unknown[];

/** What a message quotes: a value, or a part of one. */
const QUOTED = /(["`«»„“”‹›])([^"`«»„“”‹›]+)(["`«»„“”‹›])/g;

/** Secrets among the properties of a resource. */
export class Secrets {
  private readonly names: ReadonlySet<unknown>;
  private readonly texts: readonly string[];
  private readonly open: ReadonlySet<string>;

  /**
   * @param paths where they are
   * @param properties where they are in: what was before, what is to be
   */
  constructor(paths: readonly Path[], properties: readonly Values[]) {
    this.names = new Set(paths.map(([name]) => name));
    const leaves = paths.length === 0 ? [] : properties.flatMap((values) => leavesOf(values, []));
    const isSecret = ({ path }: Leaf) => paths.some((secret) => secret.every((part, index) => part === path[index]));
    this.texts = leaves.filter(isSecret).map(({ text }) => text);
    this.open = new Set(leaves.filter((leaf) => !isSecret(leaf)).map(({ text }) => text));
  }

  /** Whether a property holds one. */
  areIn(property: string): boolean {
    return this.names.has(property);
  }

  /** A text without them, and without what it quotes of their parts: the server tells the very word that it does not take. */
  withheld(text: string): string {
    if (this.texts.length === 0) return text;
    return redact(text, this.texts).replace(QUOTED, (all, begin: string, part: string, end: string) =>
      this.isPart(part) ? `${begin}[secret]${end}` : all,
    );
  }

  private isPart(part: string): boolean {
    if (this.open.has(part)) return false;
    return this.texts.some((secret) => secret === part || (part.length > 2 && secret.includes(part)));
  }
}

interface Leaf {
  readonly path: Path;
  readonly text: string;
}

function leavesOf(value: unknown, path: Path): Leaf[] {
  if (typeof value === "object" && value !== null) {
    const part = (name: string) => (Array.isArray(value) ? Number(name) : name);
    return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, part(name)]));
  }
  const told = (typeof value === "string" && value !== "" && value !== UNKNOWN) || typeof value === "number";
  return told ? [{ path, text: String(value) }] : [];
}
