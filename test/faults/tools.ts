/** A folder with the tools that the scripts for pg_hba.conf need, some of which fail while told to. */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverCanReach } from "../support/postgres-user";

/** What can be the matter with the disk that pg_hba.conf is on. */
export type Trouble = "no room to copy" | "no room to write" | "no room to rename" | "read-only";

/** The tools of a server's shell. */
export interface Tools {
  /** The PATH with them. */
  readonly path: string;
  /** Makes them fail, or not any more. */
  trouble(what: Trouble | undefined): void;
  remove(): void;
}

const TOOLS = ["cat", "chmod", "cp", "grep", "ln", "ls", "mv", "readlink", "rm", "sh", "sha256sum", "sleep", "sync"];

/** Which tool fails in which way. What is written to /dev/full fails as on a full disk, in the kernel. */
const FAILING: Record<Trouble, { tool: string; script: string }> = {
  "no room to copy": { tool: "cp", script: 'printf part > "$3"; echo "cp: No space left on device" >&2; exit 1' },
  "no room to write": { tool: "cp", script: 'case "$3" in *-new) exec ln -s /dev/full "$3" ;; esac' },
  "no room to rename": { tool: "mv", script: 'echo "mv: No space left on device" >&2; exit 1' },
  "read-only": { tool: "cp", script: 'echo "cp: Read-only file system" >&2; exit 1' },
};

/** Makes the folder. */
export function brokenTools(): Tools {
  const root = serverCanReach(tmpdir()) ? tmpdir() : "/tmp";
  const path = mkdtempSync(join(root, "pgmob-tools-"));
  chmodSync(path, 0o755);
  const located = (name: string) => execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
  for (const name of TOOLS) {
    const failing = Object.entries(FAILING).filter(([, { tool }]) => tool === name);
    if (failing.length === 0) symlinkSync(located(name), join(path, name));
    else {
      const cases = failing.map(([what, { script }]) => `"${what}") ${script} ;;`);
      const lines = ["#!/bin/sh", `case "$(cat ${path}/trouble 2> /dev/null)" in`, ...cases, "esac"];
      writeFileSync(join(path, name), `${[...lines, `exec ${located(name)} "$@"`].join("\n")}\n`, { mode: 0o755 });
    }
  }
  return {
    path,
    trouble(what) {
      if (what === undefined) rmSync(join(path, "trouble"), { force: true });
      else writeFileSync(join(path, "trouble"), what, { mode: 0o644 });
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}
