import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { temporaryRoot } from "../support/postgres";
import { projectDir } from "./place";

/** What a command printed, and its exit code. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The search path without the folders that hold the Pulumi CLI. */
function pathWithoutPulumi(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !existsSync(join(folder, "pulumi"))).join(delimiter);
}

/** A copy of the built project in a temporary folder with a space in its name, to run the demo in. */
export class CopiedProject {
  private constructor(
    readonly dir: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** `cli`: with the Pulumi CLI on the PATH, or without it. The folder is one that nobody else can enter. */
  static async create(o: { cli: boolean }): Promise<CopiedProject> {
    const dir = await mkdtemp(join(await temporaryRoot(), "pgmob-demo with a space-"));
    for (const name of ["dist", "examples", "Pulumi.yaml", "package.json"]) {
      await cp(join(projectDir, name), join(dir, name), { recursive: true });
    }
    await symlink(join(projectDir, "node_modules"), join(dir, "node_modules"));
    const pulumiHome = join(dir, "pulumi-home");
    await mkdir(pulumiHome);
    const env = { ...process.env, PULUMI_HOME: pulumiHome, PATH: o.cli ? process.env.PATH : pathWithoutPulumi() };
    return new CopiedProject(dir, env);
  }

  /** Runs one of the demo's commands to its end, or, with `killAt`, until it prints that, and then kills it with -9. */
  async run(command: "start" | "drift" | "stop" | "sql", o: { args?: string[]; killAt?: string } = {}): Promise<Ended> {
    const script = join(this.dir, "dist", "test", "demo", `${command}.js`);
    // In a process group of its own, so that what it starts can be killed with it.
    const child = spawn(process.execPath, [script, ...(o.args ?? [])], {
      cwd: this.dir,
      env: this.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (o.killAt !== undefined && output.includes(o.killAt)) killGroup(child);
      });
    }
    const [code] = (await once(child, "exit")) as [number | null];
    return { code, output };
  }

  /** Replaces text in the program. */
  async edit(from: string, to: string): Promise<void> {
    const file = join(this.dir, "examples", "quickstart", "index.ts");
    const program = await readFile(file, "utf8");
    if (!program.includes(from)) throw new Error(`the program has no ${from}`);
    await writeFile(file, program.replace(from, to));
  }

  /** The files of the project that are not in the original: what the demo has made. */
  made(): string[] {
    const known = ["dist", "examples", "Pulumi.yaml", "package.json", "node_modules", "pulumi-home"];
    return readdirSync(this.dir).filter((name) => !known.includes(name));
  }

  /** Stops the server if it still runs, and removes the folder. */
  async remove(): Promise<void> {
    if (existsSync(join(this.dir, ".pgmob"))) await this.run("stop");
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
