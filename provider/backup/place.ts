/** A file or folder that is only under its name when it is complete. */

import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { NotFoundError, RefusedError } from "../errors";

/** The name under which something is written until it is complete. */
export function temporaryName(path: string): string {
  return `${path.replace(/(?<=.)\/+$/, "")}.partial-${randomBytes(8).toString("hex")}`;
}

/** The error of a backup that would replace something. */
export function occupied(path: string): RefusedError {
  return new RefusedError(`there is something at ${path} already`, {
    remedy: "Choose another path, or set overwrite: true to replace it once the new backup is complete",
  });
}

/** Lets a task write under a temporary name, for the current user alone to read; renames it when the task is done. */
export async function writtenWhole(
  path: string,
  { directory, overwrite }: { directory: boolean; overwrite: boolean },
  task: (temporary: string) => Promise<void>,
): Promise<void> {
  if (!overwrite && (await exists(path))) throw occupied(path);
  const temporary = temporaryName(path);
  try {
    if (directory) await mkdir(temporary, { mode: 0o700 });
    else await (await open(temporary, "wx", 0o600)).close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new NotFoundError(`${temporary} cannot be made (${code ?? message})`, {
      remedy: "Check the folder it is in",
    });
  }
  try {
    await task(temporary);
    if (!overwrite && (await exists(path))) throw occupied(path);
    await replace(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** A folder cannot take the place of another one, or of a file, in one step: what was there is put aside. */
async function replace(temporary: string, path: string): Promise<void> {
  const aside = temporaryName(path);
  const before = await lstat(path).catch(() => undefined);
  const after = await lstat(temporary);
  if (before === undefined || (before.isFile() && after.isFile())) return rename(temporary, path);
  await rename(path, aside);
  await rename(temporary, path);
  await rm(aside, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** How many bytes a file has, or the files of a folder; 0 for what is not there. */
export async function bytesAt(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => bytesAt(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
