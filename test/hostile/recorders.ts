/** Programs that write down what they are given, in the place of PostgreSQL's and of the user's. */

import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attribute } from "./arguments/backup";

/** A program as it was started. */
export interface Started {
  /** The path that it was started by. */
  readonly program: string;
  readonly words: readonly string[];
}

/** What archives are here. */
export const ARCHIVE = "PGDMP of a test";

const ARCHIVED = `printf '%s' '${ARCHIVE}'`;
const READS = "cat > /dev/null";

/** The programs of a test, and what they have written down. */
export class Recorders {
  /** The folder of PostgreSQL's programs. */
  readonly folder: string;
  /** A command of the user's. */
  readonly user: string;

  /** @param root a folder, whose path needs no quoting, that the server's user may write in */
  constructor(
    private readonly root: string,
    private readonly version: number,
    attribute: Attribute,
  ) {
    this.folder = join(root, "clients");
    this.user = join(root, "user");
    this.clientsAt(this.folder);
    this.command(this.user, attribute);
  }

  /** PostgreSQL's programs in a folder of their own. */
  clientsAt(folder: string): void {
    mkdirSync(folder);
    for (const program of ["pg_dump", "pg_restore", "psql"]) {
      const toFile = `for word; do case $word in --file=*) ${ARCHIVED} > "\${word#--file=}"; exit;; esac; done`;
      this.script(join(folder, program), [
        `if [ "$1" = --version ]; then echo '${program} (PostgreSQL) ${this.version}.0'; exit; fi`,
        this.record("client"),
        ...(program === "pg_dump" ? [toFile, ARCHIVED] : [READS]),
      ]);
    }
  }

  /** A command of the user's, at a path, that reads or prints a backup. */
  command(path: string, attribute: Attribute): void {
    this.script(path, [this.record("command"), attribute === "finalBackup" ? READS : ARCHIVED]);
  }

  /** What was started last, and forgets it. Undefined: nothing. */
  taken(what: "client" | "command"): Started | undefined {
    const path = this.recordOf(what);
    if (!existsSync(path)) return undefined;
    const [program = "", ...words] = readFileSync(path, "utf8").split("\0").slice(0, -1);
    rmSync(path);
    return { program, words };
  }

  private recordOf(what: string): string {
    return join(this.root, `${what}-record`);
  }

  private record(what: string): string {
    return `printf '%s\\0' "$0" "$@" > '${this.recordOf(what)}'`;
  }

  private script(path: string, lines: readonly string[]): void {
    writeFileSync(path, `#!/bin/sh\n${lines.join("\n")}\n`);
    chmodSync(path, 0o755);
  }
}
