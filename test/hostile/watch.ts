/** Looks for secrets wherever they must not be: in texts, in files, and in what everybody can see of processes. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

const SHAPES: Readonly<Record<string, (random: string) => string>> = {
  plain: (random) => random,
  quotes: (random) => `q'${random}"''`,
  backslashes: (random) => `\\${random}\\'\\\\n`,
  percent: (random) => `%41${random}%s&=+/`,
  unicode: (random) => `ü漢🐘${random}`,
  dollars: (random) => `$$${random}$1 -- ; `,
  short: (random) => `'${random.slice(0, 4)}`,
};

/** Passwords with a shape of each kind, by the kind; random ones, so that they are found nowhere by chance. */
export function randomSecrets(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(SHAPES).map(([shape, of]) => [shape, of(randomBytes(12).toString("hex").replace(/^\d/, "z"))]),
  );
}

/** How a text is written where somebody quotes it. */
export function spellings(text: string): Record<string, string> {
  const json = JSON.stringify(text).slice(1, -1);
  const sql = text.replaceAll("'", "''");
  const all = {
    plain: text,
    "URL-encoded": encodeURIComponent(text),
    "strictly URL-encoded": encodeURIComponent(text).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
    // Whatever stands around it, these are in its middle.
    base64: Buffer.from(text).toString("base64").replace(/=+$/, ""),
    base64url: Buffer.from(text).toString("base64url"),
    hex: Buffer.from(text).toString("hex"),
    JSON: json,
    "JSON in JSON": JSON.stringify(json).slice(1, -1),
    "JSON in ASCII": json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
    SQL: sql,
    "SQL with E": sql.replaceAll("\\", "\\\\"),
    inspected: inspect(text).slice(1, -1),
  };
  return all;
}

/** How much is shown of what has a pattern. */
const LONGEST = 140;

/** A file that is looked at, unless it is far too big to be one of ours. */
const BIGGEST = 4 * 1024 * 1024;

/** Keeps the secrets of a test, and what was found of them. */
export class Watch {
  private readonly found = new Set<string>();
  private readonly secrets = new Map<string, string>();
  private readonly patterns = new Map<RegExp, string>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly seen = new Set<string>();
  private readonly writes: (() => void)[] = [];
  /** How often each process was looked at. */
  private readonly looks = new Map<string, number>();
  private looked = 0;

  /** @param allowed tells processes that have to know a secret in their environment, by their command line */
  constructor(private readonly allowed: (commandLine: string) => boolean = () => false) {}

  /** Adds a secret that must not be found from now on. */
  add(what: string, secret: string): string {
    for (const [spelling, text] of Object.entries(spellings(secret))) this.secrets.set(text, `${what}, ${spelling}`);
    return secret;
  }

  /** Adds what must not be found from now on, whoever has made it up. */
  never(what: string, pattern: RegExp): void {
    this.patterns.set(pattern, what);
  }

  /** Looks through a text. */
  text(where: string, text: string): void {
    this.looked += text.length;
    const add = (what: string, at: number, length: number) =>
      this.found.add(`${what}, in ${where}: …${text.slice(Math.max(0, at - 80), at + length + 20)}…`);
    for (const [secret, what] of this.secrets)
      if (text.includes(secret)) add(what, text.indexOf(secret), secret.length);
    for (const [pattern, what] of this.patterns) {
      const at = text.search(pattern);
      if (at !== -1) add(what, at, LONGEST);
    }
  }

  /** Looks through an error: what programs and people are shown of it. */
  error(where: string, error: unknown): void {
    const { stack = "", message = "" } = error as Error;
    const shown = [String(error), message, stack, inspect(error, { depth: 9 }), JSON.stringify(error) ?? ""];
    for (const text of shown) this.text(where, text);
  }

  /** Runs what has to fail, and looks through the error. Returns its message. */
  async failure(where: string, work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => assert.fail(`${where} does not fail`),
      (error: unknown) => error,
    );
    this.error(where, error);
    return (error as Error).message;
  }

  /** Looks through the files of a folder, however deep, but for those left out. */
  files(folder: string, leftOut: (path: string) => boolean = () => false): void {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (leftOut(path)) continue;
      if (entry.isDirectory()) this.files(path, leftOut);
      else if (entry.isFile() && (statSync(path, { throwIfNoEntry: false })?.size ?? BIGGEST) < BIGGEST)
        this.text(path, Buffer.from(read(path)).toString());
      this.text("the name of a file", path);
    }
  }

  /** Looks, until {@link stop}, at the command lines and environments of all processes but this one, and at what is printed. */
  start(): void {
    this.timers.push(setInterval(() => this.processes(), 40));
    for (const stream of [process.stdout, process.stderr]) {
      const { write } = stream;
      stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
        if (!this.isTestRunner(chunk)) this.text("what was printed", Buffer.from(chunk).toString());
        return Reflect.apply(write, stream, [chunk, ...rest]);
      }) as typeof write;
      this.writes.push(() => {
        stream.write = write;
      });
    }
  }

  /** Ends what {@link start} has begun. */
  stop(): void {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    for (const restore of this.writes.splice(0)) restore();
  }

  /** Fails if anything was found, or nothing was looked at. */
  nothingFound(): void {
    this.stop();
    assert.ok(this.looked > 10_000 && this.seen.size > 5, `${this.looked} characters, ${this.seen.size} processes`);
    assert.deepEqual([...this.found], []);
  }

  /** What was found since the last time: for what is there on purpose, which shows that it would be found. */
  taken(): string[] {
    const found = [...this.found];
    this.found.clear();
    return found;
  }

  /** The runner's own frames, with the test's progress, go through the same stream. */
  private isTestRunner(chunk: string | Uint8Array): boolean {
    return typeof chunk !== "string";
  }

  private processes(): void {
    const pids = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid));
    for (const pid of this.looks.keys()) if (!pids.includes(pid)) this.looks.delete(pid);
    for (const pid of pids) {
      // One that has just begun is about to become another program.
      const looks = (this.looks.get(pid) ?? 0) + 1;
      this.looks.set(pid, looks);
      if (looks > 5) continue;
      const commandLine = read(`/proc/${pid}/cmdline`);
      const key = `${pid} ${commandLine}`;
      // Between one program and the next a process has no command line, and the environment that is meant for the next.
      if (commandLine === "" || this.seen.has(key) || isOfAnotherFile(pid)) continue;
      this.seen.add(key);
      this.text("a command line", commandLine);
      if (!this.allowed(commandLine)) this.text(`the environment of ${commandLine}`, read(`/proc/${pid}/environ`));
    }
  }
}

/** Of a folder that has gone meanwhile, as those of other tests: nothing. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Whether a process was started by a test file that runs beside this one, and has secrets of its own. */
function isOfAnotherFile(pid: string): boolean {
  const parent =
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, "")
      .split(" ")[1] ?? "0";
  if (Number(parent) <= 1 || parent === String(process.pid)) return false;
  const isFile = /\.test\.js\b/.test(read(`/proc/${pid}/cmdline`));
  return parent === String(process.ppid) ? isFile : isOfAnotherFile(parent);
}

/** Of a process that has ended meanwhile: nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
