import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { temporaryRoot } from "../support/postgres";
import { serverCanReach } from "../support/postgres-user";

/** The folder of the project, with Pulumi.yaml. */
export const projectDir = resolve(__dirname, "../../..");

/** The name of the project, as in Pulumi.yaml. */
export const projectName = "pulumi-pgmob-quickstart";

/** The name of the stack. */
export const stackName = "dev";

/** The configuration of the stack. */
export const configFile = join(projectDir, `Pulumi.${stackName}.yaml`);

/** What the stack's secrets are encrypted with. They protect a server on this machine, whose password lies beside. */
export const passphrase = "quickstart";

/** Everything that `npm start` keeps. */
export const home = join(projectDir, ".pgmob");

/** Where the Pulumi CLI keeps the state, as a local file backend. */
export const backendDir = join(home, "backend");

/** Where the file backend keeps the stack. */
export const checkpointFile = join(backendDir, ".pulumi", "stacks", projectName, `${stackName}.json`);

/** Where the test engine keeps the state. */
export const stateFile = join(home, "state.json");

const pointer = join(home, "server-folder");

/** The server's folder, or undefined when there is none yet. */
export async function findServerFolder(): Promise<string | undefined> {
  const inside = join(home, "postgres");
  if (existsSync(inside)) return inside;
  const outside = (await readFile(pointer, "utf8").catch(() => "")).trim();
  return outside !== "" && existsSync(outside) ? outside : undefined;
}

/**
 * The server's folder, made when there is none: in `.pgmob`, or, where the user that the server runs as has no way
 * into the project, in the folder for temporary files, with a note of it in `.pgmob`.
 */
export async function serverFolder(): Promise<string> {
  const found = await findServerFolder();
  if (found !== undefined) return found;
  await mkdir(home, { recursive: true });
  await openForPassing(home);
  if (serverCanReach(home)) {
    const folder = join(home, "postgres");
    await mkdir(folder);
    return folder;
  }
  const folder = await mkdtemp(join(await temporaryRoot(), "pgmob-quickstart-"));
  await writeFile(pointer, `${folder}\n`);
  return folder;
}

/** Lets other users pass through a folder of ours to what they may read in it. */
async function openForPassing(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o011) !== 0o011) await chmod(folder, mode | 0o011);
}

/** Forgets the state of the stack, for a server that is gone. */
export async function removeState(): Promise<void> {
  for (const path of [backendDir, stateFile, `${stateFile}.lock`]) await rm(path, { recursive: true, force: true });
}
