import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "../support/postgres-process";
import type { Item } from "./inventory";
import { home } from "./place";

/** A note, kept while a command changes the stack, of who does so and of what was on the server before. */
export interface Marker {
  readonly pid: number;
  /** The Pulumi CLI that it runs. */
  readonly child?: number;
  readonly before: Pick<Item, "type" | "oid">[];
}

const file = join(home, "run.json");

/** Writes or replaces the note. */
export async function writeMarker(marker: Marker): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(marker));
  await rename(`${file}.new`, file);
}

/** Adds the process that this command runs now to its note. */
export async function markChild(child: number | undefined): Promise<void> {
  const marker = await readMarker();
  if (marker?.pid === process.pid) await writeMarker({ ...marker, child });
}

/** Removes the note, when the stack's state is in order. */
export function removeMarker(): Promise<void> {
  return rm(file, { force: true });
}

async function readMarker(): Promise<Marker | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Marker;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The note of a command that was killed, or undefined. Waits for the Pulumi CLI that it ran, should that one still work.
 * @throws when the command itself still works.
 */
export async function interruptedRun(): Promise<Marker | undefined> {
  const marker = await readMarker();
  if (marker === undefined || marker.pid === process.pid) return undefined;
  const alive = async (pid: number | undefined, word: string) =>
    pid !== undefined && (await commandLine(pid)).includes(word);
  if (await alive(marker.pid, join("test", "demo"))) {
    throw new Error(`Another command is working on the quickstart (process ${marker.pid}): wait for it to end.`);
  }
  if (await alive(marker.child, "pulumi")) {
    console.log(
      `The last command was killed, but the Pulumi CLI that it started works on (process ${marker.child}): waiting.`,
    );
    while (await alive(marker.child, "pulumi")) await sleep(200);
  }
  return marker;
}
