import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Workspace } from "../support/workspace";
import type { Deployment } from "./index";

/** The program and the provider of the recording, and what the real Pulumi CLI printed and stored for them. */
export const FIXTURE = path.join(__dirname, "..", "..", "..", "test", "engine", "fixture");

/** One step of the recording. */
export interface RecordedStep {
  name: string;
  command: "preview" | "up" | "refresh" | "destroy";
  diff?: boolean;
  refresh?: boolean;
  /** Which variant of the program is run. */
  step: string;
  /** What `read` finds changed. */
  drift?: "1" | "gone";
  /** The state after the step is part of the recording. */
  state?: boolean;
}

/** The steps, each on the state that the one before has left. */
export const STEPS: RecordedStep[] = [
  { name: "01-preview-create", command: "preview", diff: true, step: "1" },
  { name: "02-up-create", command: "up", step: "1", state: true },
  { name: "03-preview-same", command: "preview", diff: true, step: "1" },
  { name: "04-preview-update", command: "preview", diff: true, step: "2" },
  { name: "05-up-update", command: "up", diff: true, step: "2" },
  { name: "06-preview-replace", command: "preview", diff: true, step: "3" },
  { name: "07-up-replace", command: "up", step: "3", state: true },
  { name: "08-preview-refresh-drift", command: "preview", diff: true, refresh: true, step: "3", drift: "1" },
  { name: "09-preview-refresh-gone", command: "preview", diff: true, refresh: true, step: "3", drift: "gone" },
  { name: "10-check-failure", command: "preview", diff: true, step: "bad" },
  { name: "11-create-failure", command: "up", step: "fail" },
  { name: "12-partial-failure", command: "up", step: "partial", state: true },
  { name: "13-up-protected", command: "up", step: "protected" },
  { name: "14-delete-protected-refused", command: "up", step: "4", state: true },
  { name: "15-refresh", command: "refresh", diff: true, step: "4" },
  { name: "16-up-unprotected", command: "up", diff: true, step: "unprotected" },
  { name: "17-refresh-drift", command: "refresh", step: "unprotected", drift: "1", state: true },
  { name: "18-up-after-drift", command: "up", refresh: true, step: "unprotected" },
  { name: "19-destroy", command: "destroy", step: "unprotected", state: true },
];

/** What a step has printed and stored, made comparable. */
export interface Recorded {
  text: string;
  state?: unknown;
}

/** Puts the program and the provider of the recording into a workspace. */
export function installFixture(workspace: Workspace): void {
  for (const file of ["Pulumi.yaml", "package.json", "index.js", "provider.js"]) {
    cpSync(path.join(FIXTURE, file), path.join(workspace.dir, file));
  }
}

/** Carries one step out. */
export async function runStep(workspace: Workspace, step: RecordedStep): Promise<Recorded> {
  Object.assign(workspace.env, { STEP: step.step, DRIFT: step.drift });
  const result = await workspace[step.command]({ diff: step.diff, refresh: step.refresh });
  const text = `${normalizeText(result.output)}exit code ${result.exitCode}\n`;
  return step.state ? { text, state: normalizeState(await workspace.export()) } : { text };
}

/** Stores what a step has printed and stored. */
export function writeRecorded(step: RecordedStep, { text, state }: Recorded): void {
  const folder = path.join(FIXTURE, "expected");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${step.name}.txt`), text);
  if (state !== undefined) {
    writeFileSync(path.join(folder, `${step.name}.json`), `${JSON.stringify(state, undefined, 2)}\n`);
  }
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Takes out of an output what differs from run to run: times, ids of providers, signs of life, and the order of what
 * runs side by side. The lines about one resource stay in their order.
 */
export function normalizeText(output: string): string {
  const lines = output
    .replace(ID, (id) => (id.startsWith("04da6b54") ? id : "ID"))
    .replace(/\(\d+(\.\d+)?s\)/g, "(TIME)")
    .replace(/^Duration: .*$/gm, "Duration: TIME")
    .split("\n")
    .filter(
      (line) => !line.startsWith("@ ") && !/^(The resources in the stack have been|If you want to remove)/.test(line),
    )
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const blocks: { key: string; lines: string[] }[] = [];
  for (const line of lines) {
    const header = /^\s*(?:[-+~=<>]{1,2}\s*)?(\S+): \([a-z-]+/.test(line);
    const row = /^ (?:[-+~ ]{2}) (\S+:\S+:\S+ \S+)/.exec(line);
    const section = /^ {4}--outputs:--$|^(?:Outputs|Resources|Diagnostics|Duration|error|warning)\b/.test(line);
    const diagnostics = /^ {2}(\S+ \(\S+\)):$/.exec(line);
    const key = diagnostics ? `\u007fd${diagnostics[1]}` : row && !line.startsWith("    [") ? `\u0001${row[1]}` : "";
    if (header || section || key !== "" || blocks.length === 0) blocks.push({ key, lines: [line] });
    else blocks.at(-1)?.lines.push(line);
  }
  // A header is known by the URN that follows it; sections come after all resources, in the order they were printed.
  const order = ["error", "warning", "    --outputs:--", "Diagnostics", "\u007fd", "Outputs", "Resources", "Duration"];
  const rank = ({ key, lines: [first = ""] }: { key: string; lines: string[] }): number =>
    1 + order.findIndex((start) => key.startsWith(start) || (key === "" && first.startsWith(start)));
  for (const block of blocks.slice(1)) {
    const urn = block.lines.find((line) => line.trimStart().startsWith("[urn="));
    if (urn) block.key = `\u0001${urn.trim()}`;
  }
  const [banner, ...rest] = blocks;
  rest.sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return [...(banner?.lines ?? []), ...rest.flatMap((block) => block.lines)].map((line) => `${line}\n`).join("");
}

/**
 * Takes out of a state what differs from run to run: times, ids of providers, ciphertexts, and the places in the SDK, of
 * which each version has another number.
 */
export function normalizeState({ deployment }: Deployment): unknown {
  const { manifest: _manifest, secrets_providers, ...rest } = deployment;
  const text = JSON.stringify({ ...rest, secrets_providers: secrets_providers?.type }, (key, value: unknown) => {
    if (key === "created" || key === "modified") return "TIME";
    if (key === "ciphertext") return "SECRET";
    if (key === "dependencies") return [...(value as string[])].sort();
    if (key === "sourcePosition" && !isInProgram(value)) return undefined;
    if (key === "stackTrace") return (value as Frame[]).filter(({ sourcePosition }) => isInProgram(sourcePosition));
    return value;
  });
  const state = JSON.parse(text.replace(ID, "ID")) as { resources?: { urn: string }[] };
  state.resources?.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  return state;
}

type Frame = { readonly sourcePosition?: string };

function isInProgram(position: unknown): boolean {
  return String(position).startsWith("project:///index.js");
}
