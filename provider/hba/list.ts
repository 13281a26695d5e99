import type { Adapter } from "../adapter";
import { InvalidValueError } from "../errors";
import { type Bytes, bytesOf, shown } from "./bytes";
import { HbaDocument } from "./document";
import { ManagedHbaRules } from "./managed";
import { withoutMarker } from "./marker";
import { settle } from "./settle";
import { HbaStore } from "./store";
import type { HbaChangeOptions, HbaLine } from "./types";

/** One line, or several. */
export type HbaLines = string | readonly string[];

/**
 * pg_hba.conf as a list of lines, comments and empty lines included. A line that is continued is one. It holds nothing:
 * every call asks the server, or changes the file, which is in force when the call returns. Rules of `managed` keep
 * their places around what is changed here.
 *
 * @example
 * await cluster.hbaRules.append("host all all 10.0.0.0/8 scram-sha-256");
 * await cluster.hbaRules.alter((lines) => {
 *   lines.remove("host all all 0.0.0.0/0 trust");
 *   lines.insert(0, ["# the office", "hostssl all all 192.0.2.0/24 scram-sha-256"]);
 * });
 */
export class HbaRuleList implements AsyncIterable<string> {
  /** The rules that have a name and a place. */
  readonly managed: ManagedHbaRules;

  private readonly store: HbaStore;

  /** Of the server that the connections are to. */
  constructor(adapter: Adapter) {
    this.store = new HbaStore(adapter);
    this.managed = new ManagedHbaRules(this.store);
  }

  /** Whether there is such a line. How it is spaced does not matter, nor the name behind a managed rule. */
  async has(line: string): Promise<boolean> {
    return new HbaLineEditor(await this.store.read()).has(line);
  }

  /** Adds lines at the end: after everybody else's, before the managed rules that stand last. */
  append(lines: HbaLines, options?: HbaChangeOptions): Promise<void> {
    return this.alter((all) => all.append(lines), options);
  }

  /** The same as {@link HbaRuleList.append}. */
  extend(lines: HbaLines, options?: HbaChangeOptions): Promise<void> {
    return this.append(lines, options);
  }

  /** Adds lines before the one at an index, from 0; a negative index counts from the end. */
  insert(index: number, lines: HbaLines, options?: HbaChangeOptions): Promise<void> {
    return this.alter((all) => all.insert(index, lines), options);
  }

  /** Takes all such lines out. Returns how many there were. */
  remove(lines: HbaLines, options?: HbaChangeOptions): Promise<number> {
    return this.alter((all) => all.remove(lines), options);
  }

  /**
   * Makes several changes in one write, and returns what the task returns. The task may run again, on the list as it is
   * then, when somebody else changes the file at the same time.
   *
   * @throws InvalidValueError when the server cannot read what was made; the file is then as it was before
   * @throws RefusedError when the current connection could perhaps not be made again, unless `allowLockout` is set
   */
  alter<T>(task: (lines: HbaLineEditor) => T, options?: HbaChangeOptions): Promise<T> {
    return this.store.change((document) => {
      const result = task(new HbaLineEditor(document));
      settle(document);
      return result;
    }, options);
  }

  /** All lines, in the order of the file, and what the server reads in each. */
  async parsed(): Promise<HbaLine[]> {
    const { lines } = await this.store.read();
    return lines.map(({ line, text, meaning, marker }) => ({
      line,
      text: shown(text),
      rule: meaning.kind === "rule" ? meaning.rule : undefined,
      name: marker?.name,
    }));
  }

  /** All lines, in the order of the file. */
  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    yield* new HbaLineEditor(await this.store.read()).lines;
  }
}

/**
 * The list of lines while it is edited.
 *
 * @example
 * await cluster.hbaRules.alter((lines) => {
 *   if (!lines.has("local all postgres peer")) lines.insert(0, "local all postgres peer");
 * });
 */
export class HbaLineEditor {
  /** Of a document, which it changes. */
  constructor(private readonly document: HbaDocument) {}

  /** The lines as the server reads them. Bytes that are not UTF-8 are shown as Latin-1. */
  get lines(): string[] {
    return this.document.lines.map(({ text }) => shown(text));
  }

  /** Whether there is such a line. How it is spaced does not matter, nor the name behind a managed rule. */
  has(line: string): boolean {
    return this.indexOf(line) >= 0;
  }

  /** The index of the first such line; -1 when there is none. */
  indexOf(line: string): number {
    return this.document.lines.findIndex(({ text }) => words(shown(withoutMarker(text))) === words(line));
  }

  /** Adds lines at the end. */
  append(lines: HbaLines): void {
    this.insert(this.document.lines.length, lines);
  }

  /** The same as {@link HbaLineEditor.append}. */
  extend(lines: HbaLines): void {
    this.append(lines);
  }

  /** Adds lines before the one at an index, from 0; a negative index counts from the end. */
  insert(index: number, lines: HbaLines): void {
    const { length } = this.document.lines;
    if (!Number.isInteger(index)) throw new InvalidValueError("the index of a line must be a whole number");
    let at = index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
    for (const line of [lines].flat()) this.document.insert(at++, this.checked(line));
  }

  /** Takes all such lines out. Returns how many there were. */
  remove(lines: HbaLines): number {
    let removed = 0;
    for (const line of [lines].flat()) {
      for (let at = this.indexOf(line); at >= 0; at = this.indexOf(line)) {
        this.document.remove(at);
        removed++;
      }
    }
    return removed;
  }

  private checked(line: string): Bytes {
    const bytes = bytesOf(line);
    const [only, ...more] = new HbaDocument(`${bytes}\n`, this.document.major).lines;
    const whole = more.length === 0 && only?.raw === `${only?.text}\n` && !/[\r\n\0]/.test(bytes);
    if (!whole || bytes.trim() === "") {
      throw new InvalidValueError(`a line must be one line, with something in it: ${JSON.stringify(line)}`);
    }
    if (only.marker !== undefined) {
      throw new InvalidValueError("a line must not end like a managed rule: create one with managed.create");
    }
    return bytes;
  }
}

/** What is compared of a line. */
function words(line: string): string {
  return line.split(/\s+/).filter(Boolean).join(" ");
}
