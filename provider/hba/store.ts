/** pg_hba.conf of one server: reads that arrive together are one query, changes that arrive together one write. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Adapter } from "../adapter";
import { Batch } from "../batch";
import { InvalidValueError, PermissionError, RefusedError } from "../errors";
import { type Deadline, refuseLate, tooLate } from "../limits";
import { repeatedly } from "../repeat";
import { HbaDocument } from "./document";
import { type FileError, readErrors, readSnapshot } from "./read";
import { explainRights } from "./rights";
import type { HbaChangeOptions } from "./types";
import { writeFile } from "./write";

/** How long a reader waits for a write that is under way. */
const PATIENCE_MS = 10_000;

/** A change of the document. Called on a fresh one each time the file was changed meanwhile. */
type Edit<T> = (document: HbaDocument) => T;

interface Job {
  readonly edit: Edit<unknown>;
  readonly allowLockout: boolean;
  readonly deadline: Deadline | undefined;
  /** Whether its deadline passed before it began. */
  givenUp?: boolean;
  outcome?: { readonly value: unknown } | { readonly error: unknown };
  settle(): void;
}

/** The way to pg_hba.conf for everything in this process. */
export class HbaStore {
  private readonly reads: Batch<undefined, HbaDocument>;
  private jobs: Job[] = [];
  private writing = false;
  /** Whether something of a change that is in force may still lie beside the file. */
  private untidy = false;

  constructor(private readonly adapter: Adapter) {
    this.reads = new Batch(async (all) => {
      const document = await this.explained(() => repeatedly(() => this.readSettled()));
      return all.map(() => document);
    });
  }

  /** The file as it is. A write that somebody left half-done is first brought to its end. Not to be changed. */
  read(): Promise<HbaDocument> {
    return this.reads.load(undefined);
  }

  /** What the server objects to in the file as it is. */
  errors({ major }: HbaDocument): Promise<FileError[]> {
    return this.explained(() => this.adapter.use(undefined, (session) => readErrors(session, major)));
  }

  /**
   * Changes the file, together with all other changes that wait. Each is made or refused by itself.
   *
   * @throws what the edit throws, and as {@link writeFile}
   */
  change<T>(edit: Edit<T>, { allowLockout = false, deadline }: HbaChangeOptions = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        edit,
        allowLockout,
        deadline,
        settle: () => {
          clearTimeout(late);
          const { outcome } = job;
          if (outcome !== undefined && "value" in outcome) resolve(outcome.value as T);
          else reject(outcome?.error);
        },
      };
      const late = deadline && setTimeout(() => giveUp(job, tooLate(deadline), reject), deadline.at - Date.now());
      this.jobs.push(job);
      // Two turns, as for reads: what one read of the network brought in is all in by then.
      if (!this.writing) setImmediate(() => setImmediate(() => void this.work()));
    });
  }

  private async work(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    while (this.jobs.length > 0) {
      const { allowLockout } = this.jobs[0] as Job;
      const end = this.jobs.findIndex((job) => job.allowLockout !== allowLockout);
      const batch = this.jobs.splice(0, end < 0 ? this.jobs.length : end);
      await this.write(batch);
      for (const job of batch) job.settle();
    }
    this.writing = false;
  }

  /** Writes a batch. What is refused is refused to whoever asked for it: one by one, if it cannot be told at once. */
  private async write(batch: readonly Job[]): Promise<void> {
    try {
      this.untidy = !(await this.explained(() =>
        writeFile(this.adapter, {
          plan: (before) => planned(before, batch),
          allowLockout: batch.every((job) => job.allowLockout),
        }),
      ));
    } catch (error) {
      const several = batch.filter(({ outcome }) => outcome === undefined || "value" in outcome);
      if (several.length > 1 && (error instanceof InvalidValueError || error instanceof RefusedError)) {
        for (const job of batch) await this.write([job]);
      } else for (const job of several) job.outcome = { error };
    }
  }

  /** Has taken away what the last change may have left beside the file, for whoever may never look at it again. */
  async tidied(): Promise<void> {
    if (!this.untidy) return;
    await this.read();
    this.untidy = false;
  }

  private async readSettled(): Promise<HbaDocument> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const snapshot = await this.adapter.use(undefined, readSnapshot);
      const { pending, bytes, major } = snapshot;
      if (pending === undefined || Date.now() > deadline) return new HbaDocument(bytes, major);
      if (pending.alive) await sleep(20);
      else if (!(await this.heal())) return new HbaDocument(bytes, major);
    }
  }

  /** Brings a write to its end. False for a role that may read but not write: somebody else has to. */
  private async heal(): Promise<boolean> {
    try {
      await writeFile(this.adapter, { plan: (before) => before.bytes, allowLockout: true });
      return true;
    } catch (error) {
      if ((await explainRights(this.adapter, error)) instanceof PermissionError) return false;
      throw error;
    }
  }

  private async explained<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw await explainRights(this.adapter, error);
    }
  }
}

/** Gives up a change that has not begun; when its turn comes it is not made. */
function giveUp(job: Job, error: unknown, reject: (error: unknown) => void): void {
  if (job.outcome !== undefined) return;
  job.givenUp = true;
  reject(error);
}

/** The file after all edits of a batch that can be made; the others are refused. */
function planned(before: HbaDocument, batch: readonly Job[]): string {
  let document = before;
  for (const job of batch) {
    if (job.givenUp) continue;
    const copy = document.copy(); // what fails half-way leaves nothing
    try {
      refuseLate(job.deadline);
      job.outcome = { value: job.edit(copy) };
      document = copy;
    } catch (error) {
      job.outcome = { error };
    }
  }
  return document.bytes;
}
