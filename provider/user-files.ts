/** Where libpq looks for the files of a user and of the system. */

import { homedir, userInfo } from "node:os";
import { join } from "node:path";

/** The user that this process runs as. */
export interface SystemUser {
  /** The name; undefined where the operating system knows none, as in many containers. */
  readonly name: string | undefined;
  /** The home directory. */
  readonly home: string;
}

/** Files that need not be there. */
export interface UserFiles {
  /** `~/.pgpass`. */
  readonly passwords: string;
  /** `~/.pg_service.conf`. */
  readonly services: string;
  /** The folder of root.crt, root.crl, postgresql.crt and postgresql.key: `~/.postgresql`. */
  readonly tls: string;
}

/** Who runs this. */
export function systemUser(): SystemUser {
  return { name: attempt(() => userInfo().username), home: attempt(homedir) ?? "" };
}

/** The files of a user; on Windows they are elsewhere and called differently. */
export function userFiles(home: string, appData = process.env.APPDATA, platform: string = process.platform): UserFiles {
  if (platform === "win32") {
    const folder = join(appData ?? home, "postgresql");
    return { passwords: join(folder, "pgpass.conf"), services: join(folder, ".pg_service.conf"), tls: folder };
  }
  const [passwords, services, tls] = [".pgpass", ".pg_service.conf", ".postgresql"].map((name) => join(home, name));
  return { passwords, services, tls } as UserFiles;
}

/** The folders of the system's pg_service.conf, where PGSYSCONFDIR names none: of Debian, of Red Hat, of a build. */
export const SYSTEM_FOLDERS = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];

function attempt(ask: () => string): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** Folders that a Unix socket is in by default, upstream and in distributions: for the password file, `localhost`. */
export const DEFAULT_SOCKET_FOLDERS: readonly string[] = ["/tmp", "/var/run/postgresql", "/run/postgresql"];
