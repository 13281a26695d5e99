import { randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { replaceFile } from "./project";
import type { Deployment } from "./state";

/** The file that holds a stack's state, and the lock beside it. */
export class StateFile {
  constructor(readonly file: string) {}

  /** The stored state, `undefined` when there is none yet. Throws when the file is not JSON. */
  read(): Deployment | undefined {
    if (!existsSync(this.file)) return undefined;
    try {
      return JSON.parse(readFileSync(this.file, "utf8")) as Deployment;
    } catch (error) {
      throw new Error(`${this.file} is not a state: ${(error as Error).message}`);
    }
  }

  /** Replaces the stored state as a whole. */
  async write(deployment: Deployment): Promise<void> {
    mkdirSync(path.dirname(this.file), { recursive: true });
    await replaceFile(this.file, `${JSON.stringify(deployment, undefined, 4)}\n`);
  }

  /**
   * Takes the lock; call what it returns to give it back. A lock left by a process that no longer runs is taken over.
   * Throws when another process, or another operation of this one, holds it.
   */
  lock(): () => void {
    const file = `${this.file}.lock`;
    mkdirSync(path.dirname(file), { recursive: true });
    for (;;) {
      if (tryCreate(file)) return () => rmSync(file, { force: true });
      const holder = readLock(file);
      if (holder !== undefined && isRunning(holder.pid)) {
        throw new Error(
          `the stack is currently locked by process ${holder.pid} since ${holder.since}: wait for it to finish, ` +
            `or, if that process is not working on this stack, remove ${file}`,
        );
      }
      rmSync(file, { force: true });
    }
  }
}

/** A lock appears with its contents or not at all: it is linked into place. */
function tryCreate(file: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readLock(file: string): { pid: number; since: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; since: string };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
