/** Programs on this machine: started without a shell, fed and read as fast as they go, ended when the other side fails. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { type ErrorDetails, isDriverError, PostgresError, withContext } from "../errors";
import { type Deadline, tooLate } from "../limits";

/** A program that failed: pg_dump, pg_restore, psql, or a command of the user's. */
export class ProgramError extends PostgresError {
  constructor(
    /** The program's name. */
    readonly program: string,
    /** Its exit code; undefined when a signal ended it. */
    readonly exitCode: number | undefined,
    /** The end of what it printed to standard error. */
    readonly stderr: string,
    /** How it ended, in words. */
    private readonly how = exitCode === undefined ? "was killed" : `ended with exit code ${exitCode}`,
    details: ErrorDetails = {},
  ) {
    super(`${program} ${how}`, { ...details, detail: stderr.trim() });
    Object.defineProperty(this, "how", { enumerable: false });
  }

  /** @internal */
  override with(details: ErrorDetails): ProgramError {
    return new ProgramError(this.program, this.exitCode, this.stderr, this.how, { ...this.details, ...details });
  }
}

/** An error of a backup or a restore, saying what it is about; the user's own errors pass as they are. */
export function aboutBackup(error: unknown, context: { object: string; intent: string }): unknown {
  return error instanceof PostgresError || isDriverError(error) ? withContext(error, context) : error;
}

/** What a program is started with. */
export interface Start {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether its input comes from here. Default: it has nothing to read. */
  readonly feeds?: boolean;
  /** Whether its output goes here. Default: it is thrown away. */
  readonly reads?: boolean;
  /** When it must have ended: it is ended then. Default: never. */
  readonly deadline?: Deadline | undefined;
  /** Whether what it starts ends with it: for commands that may be scripts. Ctrl-C does not reach these. Default false. */
  readonly group?: boolean;
  /** Is told each line that it prints to standard error. */
  readonly onMessage?: ((line: string) => void) | undefined;
}

/** The longest time that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

function untilLate(deadline: Deadline, task: () => void): NodeJS.Timeout {
  return setTimeout(task, Math.min(Math.max(deadline.at - Date.now(), 0), LONGEST_MS));
}

/** How much of standard error is kept. */
const KEPT = 4000;

/** A program that runs. */
export class Running {
  readonly name: string;
  /** Rejected with a ProgramError unless the program ends with exit code 0. */
  readonly done: Promise<void>;
  ended = false;
  private readonly child: ChildProcess;
  private readonly group: boolean;

  constructor([file = "", ...args]: readonly string[], start: Start) {
    const { env, feeds, reads, deadline, group = false, onMessage } = start;
    this.group = group;
    this.name = file.split("/").pop() ?? file;
    const stdio = [feeds ? "pipe" : "ignore", reads ? "pipe" : "ignore", "pipe"] as const;
    this.child = spawn(file, args, { env: env ?? process.env, stdio: [...stdio], detached: group });
    let stderr = "";
    let line = "";
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-KEPT);
      const lines = (line + text).split("\n");
      line = (lines.pop() ?? "").slice(-KEPT);
      if (onMessage !== undefined) for (const one of lines) onMessage(one);
    });
    this.child.stdin?.on("error", () => {}); // it ended before it had read everything: its exit code tells why
    const late = deadline && untilLate(deadline, () => void this.kill());
    this.done = new Promise((resolve, reject) => {
      this.child.once("error", (error) => {
        this.ended = true;
        reject(new ProgramError(this.name, undefined, "", `cannot be started: ${error.message}`));
      });
      this.child.once("close", (code, signal) => {
        this.ended = true;
        if (code === 0) resolve();
        else if (deadline !== undefined && Date.now() >= deadline.at) reject(tooLate(deadline));
        else reject(new ProgramError(this.name, signal === null ? (code ?? undefined) : undefined, stderr));
      });
    });
    const orphan = () => this.signal("SIGTERM");
    process.once("exit", orphan);
    const whenDone = () => {
      clearTimeout(late);
      process.off("exit", orphan);
    };
    this.done.then(whenDone, whenDone); // whoever waits is told
  }

  /** Whether there is such a program; if not, `done` is rejected in a moment. */
  get isStarted(): boolean {
    return this.child.pid !== undefined;
  }

  /** What it prints, and then how it ended. Ends the program when the reader has had enough. */
  async *output(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.child.stdout as Readable) yield chunk as Uint8Array;
      await this.done;
    } finally {
      await this.kill();
    }
  }

  /** Feeds it everything, and waits for its end. When the source fails, it is ended before it could take that for all. */
  async feed(source: AsyncIterable<Uint8Array>): Promise<void> {
    const stdin = this.child.stdin as Writable;
    let whole = false;
    try {
      const ended = this.done.catch(() => {});
      for await (const chunk of source) {
        if (this.ended || stdin.destroyed) break;
        if (!stdin.write(chunk)) await Promise.race([once(stdin, "drain").catch(() => {}), ended]);
      }
      whole = !this.ended && !stdin.destroyed;
    } catch (error) {
      await this.kill();
      throw error;
    }
    stdin.end();
    await this.done;
    if (!whole) throw new ProgramError(this.name, 0, "", "ended before it had read everything");
  }

  /** Ends it, unless it has ended, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.ended || this.child.pid === undefined) return;
    this.signal("SIGTERM");
    const hard = setTimeout(() => this.signal("SIGKILL"), 5000);
    await this.done.catch(() => {});
    clearTimeout(hard);
  }

  private signal(name: NodeJS.Signals): void {
    try {
      if (this.group && this.child.pid !== undefined) process.kill(-this.child.pid, name);
      else this.child.kill(name);
    } catch {
      // it has just ended
    }
  }
}
