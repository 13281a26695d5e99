/** Tells people how far an import is, and what it leaves out. */

/** Where lines go: `process.stderr`. */
export interface Terminal {
  /** Whether somebody looks at it: a line that says how far it is then replaces the one before. */
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How often it is said how far it is, at most, in milliseconds. */
const INTERVAL = { terminal: 100, plain: 1000 } as const;
const ERASE = "\r\x1b[K";

/** What is said while an import runs. */
export class Report {
  /** Everything that was left out, and why. */
  readonly notes: string[] = [];
  private said = Number.NEGATIVE_INFINITY;
  private transient = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = Date.now,
  ) {}

  /** Says how far it is, unless that was said just before; the end is always said. */
  progress(what: string, done: number, total: number): void {
    const time = this.now();
    const interval = this.terminal.isTTY ? INTERVAL.terminal : INTERVAL.plain;
    if (done < total && time - this.said < interval) return;
    this.said = done < total ? time : Number.NEGATIVE_INFINITY;
    const line = `${what}: ${done} of ${total}`;
    this.write(this.terminal.isTTY && done < total ? line : `${line}\n`);
  }

  /** Says what is left out, and why. */
  note(text: string): void {
    const line = onOneLine(text);
    this.notes.push(line);
    this.write(`${line}\n`);
  }

  private write(text: string): void {
    this.terminal.write(this.transient ? ERASE + text : text);
    this.transient = !text.endsWith("\n");
  }
}

/** Names may hold anything, also what a terminal would take for commands. */
function onOneLine(text: string): string {
  const escaped = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replaceAll("\n", "\\n").replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, escaped);
}
