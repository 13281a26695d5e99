/** Where backups are tried with programs that only write down what they are given. */

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../provider";
import type { Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import { finalBackupOf, restoreFromOf } from "../../provider/objects/database-backup";
import { hooksOver } from "../provider/through-hooks";
import type { TestServer } from "../support/postgres-fixture";
import { type Attribute, COMMAND } from "./arguments/backup";
import { ARCHIVE, Recorders } from "./recorders";

/** Where programs run. */
export type Place = "client" | "server";

/** A plain dump. */
export const SQL = "SELECT 1;\n";

/** One attribute at one place, with a folder for files that have texts for names. */
export class BackupScene {
  private readonly root = mkdtempSync(join(tmpdir(), "pgmob-hostile-"));
  readonly folder = join(this.root, "files");
  readonly recorders: Recorders;

  constructor(
    readonly server: TestServer,
    readonly cluster: Cluster,
    readonly at: Place,
    readonly attribute: Attribute,
  ) {
    mkdirSync(this.folder);
    for (const folder of [this.root, this.folder]) chmodSync(folder, 0o777);
    this.recorders = new Recorders(this.root, server.version, attribute);
  }

  /** A path as the system is given it: not put right, as `resolve` would do. */
  exact(path: string): string {
    return path.startsWith("/") ? path : `${this.folder}/${path}`;
  }

  /** The names of all there is in the folder, and in that of the server. */
  get there(): string[] {
    const own = readdirSync(this.folder, { recursive: true }).map(String);
    // What the server has by itself comes and goes.
    return [
      ...own,
      ...readdirSync(this.server.dataDir).filter((name) => !/^pg_|\.(pid|conf|opts|log)/.test(name)),
    ].sort();
  }

  /** A backup at a path that is nothing special. */
  somewhere(content = ARCHIVE): Values {
    const path = join(this.root, "somewhere");
    rmSync(path, { force: true });
    if (this.attribute === "restoreFrom") writeFileSync(path, content);
    return { path, clientPath: this.recorders.folder };
  }

  /** A backup that a command reads or prints. */
  command(words: string[]): Values {
    return { [COMMAND[this.attribute]]: words, clientPath: this.recorders.folder };
  }

  /** Declares it, and does what a database would do with it. Undefined: it has come to its end. */
  async attempt(declared: Values): Promise<"refused" | "failed" | undefined> {
    const values = { name: "x", [this.attribute]: { at: this.at, ...declared } };
    const { failures } = await hooksOver("Database", Host.over(this.cluster)).check({}, values);
    if (failures.length > 0) return "refused";
    const [backup, restore] = [finalBackupOf(values), restoreFromOf(values)];
    const task = backup
      ? this.cluster.backup(backup.target, backup.options)
      : restore && this.cluster.restore(restore.source, restore.options);
    return task?.then(
      () => undefined,
      () => "failed" as const,
    );
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

/** Whether the system has a place for something of this name, and for one that is only there until it is complete. */
export function canBe(path: string, make: (path: string) => unknown = touch): boolean {
  try {
    for (const one of [path, `${path}.partial-0123456789abcdef`]) {
      make(one);
      rmSync(one, { recursive: true });
    }
    return true;
  } catch {
    return false;
  }
}

function touch(path: string): void {
  writeFileSync(path, "", { flag: "wx" });
}
