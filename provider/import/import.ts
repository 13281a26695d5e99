/** `pulumi-pgmob import`: takes over what is on a server. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Cluster } from "../cluster";
import { RefusedError } from "../errors";
import { Host } from "../host";
import { type Declared, declarationOf, unstable } from "./declaration";
import { filesOf, type ImportFiles } from "./files";
import type { ImportOptions } from "./options";
import { type Found, survey } from "./survey";

/** Reads the server and writes the files. Returns what to do next, for people. */
export async function importServer(options: ImportOptions, progress: (text: string) => void): Promise<string> {
  const cluster = await Cluster.connect(options.settings);
  try {
    const found = await survey(Host.over(cluster), { wanted: options.wanted, progress });
    const files = filesOf(await declarations(found, progress));
    await write(files, options);
    return nextSteps(found.length, files, options);
  } finally {
    await cluster.close();
  }
}

async function declarations(found: readonly Found[], progress: (text: string) => void): Promise<Declared[]> {
  const declared: Declared[] = [];
  for (const one of found) {
    const declaration = await declarationOf(one);
    const changing = unstable(one, declaration);
    if (changing.length > 0) progress(`${declaration.id}: ${changing.join(", ")} would be changed by the program`);
    declared.push(declaration);
  }
  return declared;
}

const FILES = { program: "index.ts", imports: "import.json", secrets: "secrets.json" } as const;

async function write(files: ImportFiles, { out, force }: ImportOptions): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const [part, name] of Object.entries(FILES)) {
    const text = files[part as keyof ImportFiles];
    if (text === undefined) continue;
    const path = join(out, name);
    const mode = part === "program" ? 0o666 : 0o600; // the others hold verifiers of passwords
    await writeFile(path, text, { mode, flag: force ? "w" : "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      throw new RefusedError(`${path} is there already`, {
        remedy: "Choose another folder with --out, or set --force",
      });
    });
  }
}

function nextSteps(count: number, { secrets }: ImportFiles, { out }: ImportOptions): string {
  const configure = `  pulumi config set-all --json "$(cat ${FILES.secrets})"\n`;
  return `${count} objects, in ${join(out, FILES.program)}. Next, in a Pulumi project with this program, and with pgmob:host and so on set:

${secrets === undefined ? "" : configure}  pulumi import --file ${FILES.imports} --generate-code=false --protect=false --yes
  pulumi preview            # shows no changes
  rm ${FILES.imports}${secrets === undefined ? "" : ` ${FILES.secrets}`}            # they hold the verifiers of passwords
`;
}
