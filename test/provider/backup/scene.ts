/** What tests of backups have in common. */

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitClients, haveClients } from "../../support/clients";
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
