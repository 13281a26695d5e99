/** What tests of backups have in common. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { BackupFormat, Cluster } from "../../../provider";
import { fitClients, haveClients } from "../../support/clients";
import { uniqueName } from "../../support/postgres-fixture";
import type { asEachDeployer, Scene } from "../scene";

/** A folder that the server's user can write in as well. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pgmob-backup-"));
  await chmod(folder, 0o777);
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tests of this machine's programs are there where it has them; the runner says what is missing. */
export function withClients(
  title: string,
  on: typeof asEachDeployer,
  body: (scene: Scene, clientPath: string) => Promise<void>,
) {
  if (!haveClients) return;
  on(title, (scene) => body(scene, fitClients(scene.server.version) ?? assert.fail("no clients")));
}

/** A name as an identifier. */
export const quote = pg.escapeIdentifier;

/** A database with something of each kind in it that a backup could lose. */
export async function filled(cluster: Cluster, name = uniqueName("src"), rows = 2000): Promise<Cluster> {
  await cluster.databases.create({ name });
  const here = cluster.in(name);
  await here.execute(`CREATE SCHEMA ${quote("My 'Schema\"")}; CREATE SCHEMA other; CREATE TABLE other.t (a int);
    CREATE TABLE ${quote("My 'Schema\"")}.t (id int PRIMARY KEY, text text); CREATE INDEX i ON ${quote("My 'Schema\"")}.t (text);
    INSERT INTO ${quote("My 'Schema\"")}.t SELECT i, 'naïve 🐘 \\ ' || md5(i::text) FROM generate_series(1, ${rows}) i;
    CREATE FUNCTION other.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`);
  return here;
}

/** What there is in it to be compared. */
export const CONTENT = `SELECT count(*)::int, md5(string_agg(id || text, '|' ORDER BY id)) FROM ${quote("My 'Schema\"")}.t`;

/** A database to restore into. */
export async function emptyOne(cluster: Cluster, name = uniqueName("dst")): Promise<Cluster> {
  await cluster.databases.create({ name });
  return cluster.in(name);
}

/** What is in a folder. */
export const names = (folder: string) => readdirSync(folder).sort();

/** Every format of a backup. */
export const FORMATS: BackupFormat[] = ["custom", "directory", "plain", "tar"];
