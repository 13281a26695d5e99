/** Where the numbers come from: the machine, and the versions of everything that has a part in them. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";

/** The processors, the memory, and the operating system. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "processor of unknown model";
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  return `${processors.length} × ${model}, ${gibibytes} GiB of memory, ${operatingSystem()}`;
}

/** Versions, as a list. `server`: of PostgreSQL; `engine`: the Pulumi CLI's, or "test engine", where there is one; `client`: of psql. */
export function versions(found: { server: string; engine?: string; client: string | undefined }): string {
  const own = version(join(__dirname, "..", "..", "..", "package.json"));
  const sdk = version(createRequire(__filename).resolve("@pulumi/pulumi/package.json"));
  const list = [`Node.js ${process.versions.node}`, `PostgreSQL ${found.server}`, found.client, found.engine];
  return [...list, `@pulumi/pulumi ${sdk}`, `pulumi-pgmob ${own}`].filter((one) => one !== undefined).join(", ");
}

function version(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

function operatingSystem(): string {
  const kernel = `${type()} ${release()}`;
  try {
    const [, name] = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8")) ?? [];
    return name === undefined ? kernel : `${name} (${kernel})`;
  } catch {
    return kernel;
  }
}
