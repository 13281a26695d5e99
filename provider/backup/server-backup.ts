/** Backups that pg_dump makes on the server's host. */

import type { Cluster } from "../cluster";
import { PostgresError } from "../errors";
import { shellWord } from "../shell";
import { type BackupOptions, type BackupTarget, watched } from "./backup";
import { occupied, temporaryName } from "./place";
import {
  asLogin,
  connecting,
  FOUND,
  onServer,
  piped,
  refuseCommand,
  refuseUnfitOnServer,
  runScript,
  words,
} from "./script";

type ServerTarget = Extract<BackupTarget, { at?: "client" | "server" }>;

/** Makes a backup on the server's host. */
export async function backUpOnServer(
  cluster: Cluster,
  target: ServerTarget,
  args: readonly string[],
  options: BackupOptions,
): Promise<void> {
  if ("to" in target) refuseCommand(target.to as readonly string[]);
  await refuseUnfitOnServer(cluster, "pg_dump", options);
  const { lines, stdin } = await connecting(cluster);
  const dump = [onServer("pg_dump", options), ...args];
  if ("to" in target) {
    const script = [...lines, ...piped(asLogin(dump, stdin), words(target.to as readonly string[]))];
    await runScript(cluster, "pg_dump", script, stdin, options);
    return;
  }
  const { path } = target;
  const temporary = temporaryName(path);
  const script = [...lines, ...writing(path, temporary, asLogin([...dump, `--file=${temporary}`], stdin), options)];
  const task = runScript(cluster, "pg_dump", script, stdin, options);
  const { exitCode } = await watched(task, () => bytesOnServer(cluster, [temporary, path]), options);
  if (exitCode === FOUND.occupied) throw occupied(path);
  if (exitCode === FOUND.unwritable) throw new PostgresError(`the server's user cannot write ${path}`);
}

/** Writes under a temporary name, and gives it the right one when it is complete. */
function writing(
  path: string,
  temporary: string,
  dump: string,
  { format, overwrite = false }: BackupOptions,
): string[] {
  const [final, partial, aside] = [path, temporary, temporaryName(path)].map(shellWord);
  const there = `[ -e ${final} ] || [ -h ${final} ]`;
  const refuse = overwrite ? [] : [`if ${there}; then rm -rf ${partial}; exit ${FOUND.occupied}; fi`];
  const place = format === "directory" ? `mkdir ${partial}` : `: > ${partial}`;
  return [
    "umask 077",
    ...refuse,
    `(${place}) 2>/dev/null || exit ${FOUND.unwritable}`,
    `trap 'exit 1' HUP INT TERM; done=; trap '[ -n "$done" ] || rm -rf '${shellWord(shellWord(temporary))} EXIT`,
    `${dump} || exit`,
    ...refuse,
    // A folder does not take the place of another one.
    `if [ -d ${final} ]; then mv ${final} ${aside} || exit; fi`,
    `mv ${partial} ${final} || exit`,
    `done=1; rm -rf ${aside}`,
  ];
}

async function bytesOnServer(cluster: Cluster, paths: readonly string[]): Promise<number> {
  const tries = paths.map((path) => `du -sk ${shellWord(path)} 2>/dev/null`);
  const { stdout } = await cluster.runOsCommand(`${tries.join(" || ")} || echo 0`);
  return Number.parseInt(stdout, 10) * 1024;
}
