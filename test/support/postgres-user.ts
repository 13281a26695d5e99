import { execFileSync, spawnSync } from "node:child_process";

/** The operating system user that PostgreSQL runs as. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function idOf(name: string): ServerUser | undefined {
  const ask = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { name, uid: ask("-u"), gid: ask("-g") };
  } catch {
    return undefined;
  }
}

let asked: ServerUser | null | undefined;

/**
 * The user to run a server as: undefined means the current one. PostgreSQL refuses to run as root, so root borrows an
 * existing user, `postgres` or else `nobody`.
 * @throws when root finds neither.
 */
export function serverUser(): ServerUser | undefined {
  if (asked === undefined) {
    asked = process.getuid?.() === 0 ? (idOf("postgres") ?? idOf("nobody") ?? null) : null;
    if (asked === null && process.getuid?.() === 0) {
      asked = undefined;
      throw new Error("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as");
    }
  }
  return asked ?? undefined;
}

/** Options for spawn that make the child run as the server's user, in a folder that every user can enter. */
export function asServerUser(): { cwd: string; uid?: number; gid?: number } {
  const user = serverUser();
  return user ? { cwd: "/", uid: user.uid, gid: user.gid } : { cwd: "/" };
}

/** Whether the server's user may read the file or, for a folder, enter it. */
export function serverCanReach(path: string): boolean {
  const script = 'if [ -d "$1" ]; then test -x "$1"; else test -r "$1"; fi';
  return spawnSync("/bin/sh", ["-c", script, "sh", path], asServerUser()).status === 0;
}
