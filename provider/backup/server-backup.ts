/** Backups that pg_dump makes on the server's host. */

import type { Cluster } from "../cluster";
import { PostgresError } from "../errors";
import { type ShellResult, shellWord } from "../shell";
import { type BackupOptions, type BackupTarget, watched } from "./backup";
import type { ProgramCourse } from "./course";
import { occupied, temporaryName } from "./place";
import { asLogin, connecting, FOUND, onServer, piped, refuseUnfitOnServer, runScript, words } from "./script";
import { dumpShare, sharingThere } from "./share";
import { asOperand, refuseCommand } from "./words";

type ServerTarget = Extract<BackupTarget, { at?: "client" | "server" }>;

/** Makes a backup on the server's host. */
export async function backUpOnServer(
  cluster: Cluster,
  target: ServerTarget,
  args: readonly string[],
  options: BackupOptions,
  { through: host = cluster, ready, deadline, beside = 0 }: ProgramCourse,
): Promise<void> {
  const share = dumpShare(host, options, beside + 1);
  if ("to" in target) refuseCommand(target.to);
  await refuseUnfitOnServer(host, "pg_dump", options);
  const { lines, stdin } = await connecting(host);
  const what = { program: "pg_dump", database: cluster.currentDatabase };
  const dump = [onServer("pg_dump", options), ...args];
  if ("to" in target) {
    await ready?.();
    const script = [...lines, ...piped(asLogin(dump, stdin), words(target.to as readonly string[]))];
    await sharingThere(host, share, what, () => runScript(host, "pg_dump", script, stdin, options, deadline));
    return;
  }
  const path = asOperand(target.path);
  const temporary = temporaryName(path);
  if (ready !== undefined) {
    const { begin, partial } = writing(path, temporary, options);
    refuseFound(path, await runScript(host, "sh", [...begin, `rm -rf ${partial}`], undefined, options, deadline));
    await ready();
  }
  const { begin, end } = writing(path, temporary, options);
  const script = [...lines, ...begin, `${asLogin([...dump, `--file=${temporary}`], stdin)} || exit`, ...end];
  const task = sharingThere(host, share, what, () => runScript(host, "pg_dump", script, stdin, options, deadline));
  refuseFound(path, await watched(task, () => bytesOnServer(host, [temporary, path]), options));
}

function refuseFound(path: string, { exitCode }: ShellResult): void {
  if (exitCode === FOUND.occupied) throw occupied(path);
  if (exitCode === FOUND.unwritable) throw new PostgresError(`the server's user cannot write ${path}`);
}

/** What comes before and after writing under a temporary name, for it to have the right one when it is complete. */
function writing(
  path: string,
  temporary: string,
  { format, overwrite = false }: BackupOptions,
): { begin: string[]; end: string[]; partial: string } {
  const [final, partial, aside] = [path, temporary, temporaryName(path)].map(shellWord) as [string, string, string];
  const there = `[ -e ${final} ] || [ -h ${final} ]`;
  const refuse = overwrite ? [] : [`if ${there}; then rm -rf ${partial}; exit ${FOUND.occupied}; fi`];
  const place = format === "directory" ? `mkdir ${partial}` : `: > ${partial}`;
  const begin = [
    "umask 077",
    ...refuse,
    `(${place}) 2>/dev/null || exit ${FOUND.unwritable}`,
    `trap 'exit 1' HUP INT TERM; done=; trap '[ -n "$done" ] || rm -rf '${shellWord(shellWord(temporary))} EXIT`,
  ];
  const end = [
    ...refuse,
    // A folder does not take the place of another one.
    `if [ -d ${final} ]; then mv ${final} ${aside} || exit; fi`,
    `mv ${partial} ${final} || exit`,
    `done=1; rm -rf ${aside}`,
  ];
  return { begin, end, partial };
}

async function bytesOnServer(cluster: Cluster, paths: readonly string[]): Promise<number> {
  const tries = paths.map((path) => `du -sk ${shellWord(path)} 2>/dev/null`);
  const { stdout } = await cluster.runOsCommand(`${tries.join(" || ")} || echo 0`);
  return Number.parseInt(stdout, 10) * 1024;
}
