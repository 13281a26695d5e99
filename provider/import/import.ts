/** `pulumi-pgmob import`: takes over what is on a server. */

import { existsSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { Cluster } from "../cluster";
import { RefusedError } from "../errors";
import { Host } from "../host";
import { type Declared, declarationOf } from "./declaration";
import { filesOf, type ImportFiles } from "./files";
import type { Found } from "./found";
import type { ImportOptions } from "./options";
import { ADOPT_RULES } from "./program";
import { Report, type Terminal } from "./report";
import { roomForPasswords } from "./room";
import { survey } from "./survey";

/** Reads the server and writes the files. Returns what to do next, for people. */
export async function importServer(options: ImportOptions, terminal: Terminal): Promise<string> {
  const report = new Report(terminal);
  if (!options.force) await refuseExisting(options);
  const cluster = await Cluster.connect(options.settings);
  try {
    const { filter } = options;
    const found = await survey({ host: Host.over(cluster), filter, report });
    for (const pattern of filter.unused) report.note(`nothing matches ${JSON.stringify(pattern)}`);
    const declared = await declarations(found, options, report, await rolesOf(cluster));
    const files = filesOf(declared);
    await write(files, options);
    return nextSteps(declared, files, options, report);
  } finally {
    await cluster.close();
  }
}

async function rolesOf(cluster: Cluster): Promise<Set<string>> {
  const rows = await cluster.query<{ name: string }>("SELECT rolname::text AS name FROM pg_catalog.pg_roles");
  return new Set(rows.map(({ name }) => name));
}

async function declarations(
  found: readonly Found[],
  { passwords: wanted }: ImportOptions,
  report: Report,
  roles: ReadonlySet<string>,
): Promise<Declared[]> {
  const passwords = wanted && roomForPasswords(found, report);
  const isRole = (name: string) => roles.has(name);
  const declared: Declared[] = [];
  for (const one of found) {
    declared.push(await declarationOf(one, { passwords, isRole, note: (text) => report.note(text) }));
    if (declared.length % 100 === 0) report.progress("declarations", declared.length, found.length);
  }
  report.progress("declarations", declared.length, found.length);
  return declared;
}

const FILES = { program: "index.ts", imports: "import.json", secrets: "secrets.sh" } as const;

/** Before the server is asked: nobody wants to wait for that. */
async function refuseExisting({ out }: ImportOptions): Promise<void> {
  for (const name of Object.values(FILES)) {
    const path = join(out, name);
    if (existsSync(path))
      throw new RefusedError(`${path} is there already`, {
        remedy: "Choose another folder with --out, or set --force",
      });
  }
}

async function write(files: ImportFiles, { out, force }: ImportOptions): Promise<void> {
  await mkdir(out, { recursive: true });
  const modes = { program: 0o666, imports: 0o600, secrets: 0o600 }; // the others hold verifiers of passwords
  for (const part of ["program", "imports", "secrets"] as const) {
    const content = files[part];
    if (content === undefined) continue;
    const file = await open(join(out, FILES[part]), force ? "w" : "wx", modes[part]);
    try {
      for (const text of typeof content === "string" ? [content] : content) await file.write(text);
    } finally {
      await file.close();
    }
  }
}

function nextSteps(
  declared: readonly Declared[],
  { secrets, foreign }: ImportFiles,
  { out }: ImportOptions,
  { notes }: Report,
): string {
  const configure = `  sh ${FILES.secrets}             # the verifiers of passwords, as secrets of the stack\n`;
  const left = notes.length === 0 ? "" : `Not everything was taken over: ${notes.length} remarks stand above.\n`;
  const rules =
    foreign === 0
      ? ""
      : `
${foreign} lines of pg_hba.conf have no name yet. To have them taken over, as they are and where they are:

  pulumi config set ${ADOPT_RULES} true
  pulumi up
`;
  return `${declared.length - foreign} objects, in ${join(out, FILES.program)}.
${left}Next, in a Pulumi project with this program, and with pgmob:host and so on set:

${secrets === undefined ? "" : configure}  pulumi import --file ${FILES.imports} --generate-code=false --protect=false --yes
  pulumi preview            # shows no changes
  rm ${FILES.imports}${secrets === undefined ? "" : ` ${FILES.secrets}`}            # they hold the verifiers of passwords
${rules}`;
}
