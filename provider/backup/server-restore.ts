/** Restores on the server's host. */

import type { Cluster } from "../cluster";
import { InvalidValueError, NotFoundError } from "../errors";
import type { Deadline } from "../limits";
import { runOsCommand, shellWord } from "../shell";
import type { ProgramCourse } from "./course";
import { type BackupFormat, formatOf, TELLING } from "./format";
import { type BackupSource, type RestoreOptions, restorerFor } from "./restore";
import { asLogin, connecting, onServer, piped, refuseUnfitOnServer, runScript, words } from "./script";
import { restoreShare, sharingThere } from "./share";
import { asOperand, refuseCommand } from "./words";

type ServerSource = Extract<BackupSource, { at?: "client" | "server" }>;

/** Restores a backup that is on the server's host, or that a command there prints. */
export async function restoreOnServer(
  cluster: Cluster,
  source: ServerSource,
  options: RestoreOptions,
  { through: host = cluster, ready, deadline }: ProgramCourse,
): Promise<void> {
  const share = restoreShare(host, options, 1);
  const format = await formatOnServer(host, source, deadline);
  const { program, args } = restorerFor(cluster, format, options);
  await refuseUnfitOnServer(host, program, options);
  const { lines, stdin } = await connecting(host);
  await ready?.();
  const tool = [onServer(program, options), ...args];
  const script =
    "path" in source
      ? [
          `${asLogin([...tool, program === "psql" ? `--file=${asOperand(source.path)}` : asOperand(source.path)], stdin)} > /dev/null`,
        ]
      : piped(
          words(source.from as string[]),
          `${asLogin([...tool, ...(program === "psql" ? ["--file=-"] : [])], stdin)} > /dev/null`,
        );
  const what = { program, database: cluster.currentDatabase };
  await sharingThere(host, share, what, () =>
    runScript(host, program, [...lines, ...script], stdin, options, deadline),
  );
}

async function formatOnServer(
  cluster: Cluster,
  source: ServerSource,
  deadline: Deadline | undefined,
): Promise<BackupFormat> {
  if ("from" in source) refuseCommand(source.from);
  const head = `dd bs=${TELLING} count=1 2>/dev/null`;
  if ("from" in source) {
    // The command runs once to tell the format, and again to be restored: it is ended as soon as it has told.
    const command = `${words(source.from as string[])} 2>/dev/null | ${head}`;
    const { bytes } = await runOsCommand(cluster, command, { deadline });
    return formatOfBytes(bytes.stdout);
  }
  const path = shellWord(source.path);
  const { bytes, exitCode, stdout } = await runOsCommand(
    cluster,
    `if [ -d ${path} ]; then echo directory; exit 3; fi; [ -r ${path} ] || exit 4; ${head} < ${path}`,
    { check: false, deadline },
  );
  if (exitCode === 3 && stdout === "directory\n") return "directory";
  if (exitCode === 4) throw new NotFoundError(`there is nothing at ${source.path} that the server's user can read`);
  return formatOfBytes(bytes.stdout);
}

function formatOfBytes(bytes: Uint8Array): BackupFormat {
  if (bytes.length === 0) throw new InvalidValueError("the backup is empty");
  return formatOf(bytes);
}
