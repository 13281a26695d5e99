/**
 * How pg_hba.conf is changed. At no time is there a file with which the server could not start, but for the moment in
 * which the server itself looks at a new one; should we die in that moment, the next run brings the write to its end.
 *
 * 1. Read the file, make the new one, and let the guard look at it.
 * 2. In one command on the server's host, under a lock: compare the file's hash, keep a copy, leave a line that says
 *    what is pending, and rename the new file over the old one.
 * 3. Let the server read the file (`pg_hba_file_rules`). An error: put the copy back.
 * 4. Reload, wait until the server has done so, and look again at errors and hash.
 * 5. Take copy and line away.
 */

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Adapter, Session } from "../adapter";
import { ConnectionError, isConnectionLost, ObjectInUseError, PostgresError } from "../errors";
import { feedShell } from "../shell";
import { inTransaction } from "../transaction";
import { type Bytes, sha256 } from "./bytes";
import { HbaDocument } from "./document";
import { Again, scriptFailure, unreadable } from "./failures";
import { refuseLockout } from "./guard";
import { readLogin } from "./login";
import { holdsSecret } from "./methods";
import { hasReloaded, readErrors, readHash, readSnapshot, reload, type Snapshot } from "./read";
import { finishScript, installScript, type PendingLine, restoreScript, takeOverScript } from "./script";

/** How long to go on while others change the file. */
const CONTENTION_MS = 60_000;
/** How long the server may take to reload. */
const RELOAD_MS = 20_000;

/** How long to go on for what is left of a change. */
const TIDY_MS = 3000;

/** What is to be written. */
export interface Change {
  /** The file that is to be, made from the file as it is. Called again when the file was changed meanwhile. */
  plan(before: HbaDocument): Bytes;
  /** Whether the guard is not asked. */
  readonly allowLockout: boolean;
}

/** What is known of a write from one attempt to the next. */
interface Course {
  /** The hashes of new files that may have come to be there, or may yet: the connection was lost over them. */
  readonly lost: Set<string>;
  /** Whether the change is in force, so that nothing after it is an error of the change. */
  done: boolean;
}

/**
 * Makes a change, and makes sure that the server has taken it. Returns whether nothing of it was left beside the file.
 *
 * @throws InvalidValueError when the server cannot read the new file; it is then as it was before
 * @throws RefusedError by the guard, or for a file that cannot be replaced
 * @throws ObjectInUseError when others never let go of the file
 */
export async function writeFile(adapter: Adapter, change: Change): Promise<boolean> {
  const course: Course = { lost: new Set(), done: false };
  const deadline = Date.now() + CONTENTION_MS;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 40)) {
    try {
      await inTransaction(adapter, undefined, (session) => attempt(session, change, course));
      return true;
    } catch (error) {
      if (course.done) return tidy(adapter);
      const repeat = error instanceof Again || (course.lost.size > 0 && isLost(error));
      if (!repeat) throw error;
      if (Date.now() > deadline) throw isLost(error) ? error : contention();
    }
    await sleep(pause * (0.5 + Math.random()));
  }
}

/** Takes away what is left of a change that is in force. False where that cannot be done now: the next look at the file does it. */
async function tidy(adapter: Adapter): Promise<boolean> {
  const deadline = Date.now() + TIDY_MS;
  const nothing: Change = { plan: ({ bytes }) => bytes, allowLockout: true };
  for (;;) {
    try {
      await inTransaction(adapter, undefined, (session) => attempt(session, nothing, { lost: new Set(), done: false }));
      return true;
    } catch {
      // A session that was lost may hold its lock for a while.
      if (Date.now() > deadline) return false;
      await sleep(50);
    }
  }
}

async function attempt(session: Session, change: Change, course: Course): Promise<void> {
  const write = new Write(session);
  const snapshot = await write.begin();
  const before = new HbaDocument(snapshot.bytes, snapshot.major);
  const hash = sha256(snapshot.bytes);
  if (course.lost.has(hash)) {
    await write.takeEffect(before, before);
  } else {
    const bytes = change.plan(before);
    if (bytes === snapshot.bytes) return;
    const after = new HbaDocument(bytes, snapshot.major);
    if (!change.allowLockout) refuseLockout(before, after, await readLogin(session));
    try {
      await write.install(hash, sha256(bytes), bytes);
      await write.check(before, after);
      await write.takeEffect(before, after);
    } catch (error) {
      if (isLost(error)) course.lost.add(sha256(bytes));
      throw error;
    }
  }
  course.done = true;
  await write.finish();
}

/** One attempt, in one transaction: its advisory lock tells others that whoever writes is still there. */
class Write {
  private readonly token = randomBytes(16).toString("hex");
  private readonly key = randomBytes(8);
  private snapshot!: Snapshot;
  private pending: PendingLine | undefined;

  constructor(private readonly session: Session) {}

  /** Reads the file, after a write that somebody left half-done was brought to its end. */
  async begin(): Promise<Snapshot> {
    await this.session.query("SELECT pg_catalog.pg_advisory_xact_lock($1)", [this.key.readBigInt64BE().toString()]);
    this.snapshot = await readSnapshot(this.session);
    const { pending } = this.snapshot;
    if (pending?.alive) throw new Again();
    if (pending === undefined) return this.snapshot;
    this.pending = this.lineOf(pending.before, pending.after);
    await this.run(takeOverScript(this.snapshot, pending.token, this.pending));
    const document = new HbaDocument(this.snapshot.bytes, this.snapshot.major);
    const errors = await readErrors(this.session, this.snapshot.major);
    if (errors.length === 0) await this.takeEffect(document, document);
    await (errors.length === 0 ? this.finish() : this.restore());
    throw new Again();
  }

  /** Replaces the file, if it is still the one with the first hash. */
  async install(before: string, after: string, bytes: Bytes): Promise<void> {
    this.pending = this.lineOf(before, after);
    await this.run(installScript(this.snapshot, this.pending, bytes), holdsSecret(bytes));
  }

  /** Lets the server read the new file, and puts the old one back if it cannot. */
  async check(before: HbaDocument, after: HbaDocument): Promise<void> {
    const errors = await readErrors(this.session, this.snapshot.major);
    if (errors.length === 0) return;
    await this.restore();
    throw unreadable(errors, before, after, "It is as it was before");
  }

  /** Makes the server take the file. When somebody else changes it meanwhile, what we changed must be in theirs. */
  async takeEffect(before: HbaDocument, after: HbaDocument): Promise<void> {
    const since = await reload(this.session);
    const deadline = Date.now() + RELOAD_MS;
    while (!(await hasReloaded(this.session, since))) {
      if (Date.now() > deadline) throw new PostgresError("the server did not reload pg_hba.conf in time");
      await sleep(2);
    }
    const errors = await readErrors(this.session, this.snapshot.major);
    const hash = await readHash(this.session);
    if (errors.length === 0 && hash === sha256(after.bytes)) return;
    const now = new HbaDocument((await readSnapshot(this.session)).bytes, this.snapshot.major);
    if (!holds(before, after, now)) throw new Again();
    if (errors.length > 0) throw unreadable(errors, now, now, "Somebody else has just changed it");
    if (sha256(now.bytes) === sha256(after.bytes)) return;
    await this.takeEffect(before, now);
  }

  /** Takes away what a half-done write would need. */
  async finish(): Promise<void> {
    if (this.pending !== undefined) await this.run(finishScript(this.snapshot, this.token));
  }

  private async restore(): Promise<void> {
    if (this.pending !== undefined) await this.run(restoreScript(this.snapshot, this.pending));
  }

  private lineOf(before: string, after: string): PendingLine {
    const key = [this.key.readUInt32BE(0), this.key.readUInt32BE(4)].map(String) as [string, string];
    return { token: this.token, before, after, key };
  }

  private async run(script: string[], secret = false): Promise<void> {
    const code = await feedShell(this.session, script, secret);
    if (code !== 0) throw scriptFailure(code, this.snapshot.path);
  }
}

/** Whether what a change brought is there, and what it took away is not. */
function holds(before: HbaDocument, after: HbaDocument, now: HbaDocument): boolean {
  const texts = (document: HbaDocument) => new Set(document.lines.map(({ text }) => text));
  const [old, wanted, found] = [texts(before), texts(after), texts(now)];
  return (
    [...wanted].every((text) => old.has(text) || found.has(text)) &&
    [...old].every((text) => wanted.has(text) || !found.has(text))
  );
}

function isLost(error: unknown): boolean {
  return isConnectionLost(error) || error instanceof ConnectionError;
}

function contention(): PostgresError {
  return new ObjectInUseError("others change pg_hba.conf all the time", { remedy: "Try again later" });
}
