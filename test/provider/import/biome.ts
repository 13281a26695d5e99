/** Biome, set to what is usual, as a judge of programs. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIOME = join(__dirname, "..", "..", "..", "..", "node_modules", ".bin", "biome");
const CONFIG = `{
  "root": true,
  "formatter": { "indentStyle": "space", "lineWidth": 80 }
}
`;

/** What `biome check` says of programs, each with the difference that formatting would make. Empty when all is well. */
export function biomeProblems(programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "pgmob-biome-"));
  try {
    writeFileSync(join(folder, "biome.json"), CONFIG);
    for (const [index, program] of programs.entries()) writeFileSync(join(folder, `program-${index}.ts`), program);
    // A text such as "${x}" is a warning: it could be meant for a template. These are not.
    const args = ["check", "--diagnostic-level=error", "--max-diagnostics=20", "--files-max-size=50000000", "."];
    const { stdout, stderr, status } = spawnSync(BIOME, args, { encoding: "utf8", cwd: folder });
    return status === 0 ? "" : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
