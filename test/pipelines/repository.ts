/** The repository of somebody who follows the README's "In pipelines", on a machine of a test. */

import { mkdirSync, mkdtempSync, readFileSync, realpathSync } from "node:fs";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EngineKind } from "../support/workspace";
import { bash, type Ended } from "./shell";

const CHECKOUT = path.join(__dirname, "..", "..", "..");
const EXAMPLES = path.join(CHECKOUT, "examples", "pipelines");

/** The blocks of that section of the README, in order. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** Reads them. */
export function readBlocks(): Block[] {
  const readme = readFileSync(path.join(CHECKOUT, "README.md"), "utf8");
  const section = readme.split("### In pipelines\n")[1]?.split("\n### ")[0] ?? "";
  const found = [...section.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return found.map(([, language = "", text = ""]) => ({ language, text }));
}

/** A repository, with the commands that its pipelines call. */
export class Repository {
  private constructor(
    private readonly base: string,
    private readonly kind: EngineKind,
  ) {}

  /** An empty folder. With the test engine, `pulumi` is a command made of it; `npm` has the packages already. */
  static async create(kind: EngineKind): Promise<Repository> {
    const base = realpathSync(mkdtempSync(path.join(tmpdir(), "pgmob-pipeline-")));
    const repository = new Repository(base, kind);
    for (const name of ["bin", "home", "work", "state"]) mkdirSync(path.join(base, name));
    const engine = path.join(CHECKOUT, "dist", "test", "engine", "cli.js");
    if (kind === "engine") await repository.command("pulumi", `exec "${process.execPath}" "${engine}" "$@"`);
    await repository.command("npm", NPM);
    return repository;
  }

  /** The folder that the README calls `database`. */
  get folder(): string {
    return path.join(this.base, "work", "database");
  }

  /** Where the states are, as PULUMI_BACKEND_URL has it. */
  get backend(): string {
    return `file://${path.join(this.base, "state")}`;
  }

  /** What every process on the machine has in its environment. */
  get machine(): Record<string, string> {
    return {
      PATH: `${path.join(this.base, "bin")}:${process.env.PATH}`,
      HOME: path.join(this.base, "home"),
      TMPDIR: tmpdir(),
      // The types of a program take the compiler seconds each time; they are checked once, by a test of their own.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      NPM_CONFIG_UPDATE_NOTIFIER: "false",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...(this.kind === "engine" ? {} : { PULUMI_HOME: path.join(this.base, "home", ".pulumi") }),
    };
  }

  /** Follows the README's commands: what they ask for is answered, and its server is one on a port of this machine. */
  async follow(
    commands: string,
    port: number,
    answers: Readonly<Record<string, string>>,
    passphrase: string,
  ): Promise<Ended> {
    const script = commands
      .replaceAll("db.internal", `127.0.0.1 && pulumi config set pgmob:port ${port}`)
      .replace(/--secret (\S+)$/gm, (line, key: string) => `${line} <<< ${JSON.stringify(answers[key])}`);
    return bash(script, path.join(this.base, "work"), {
      ...this.machine,
      PULUMI_BACKEND_URL: this.backend,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      GIT_CONFIG_COUNT: "2",
      ...{ GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "test" },
      ...{ GIT_CONFIG_KEY_1: "user.email", GIT_CONFIG_VALUE_1: "test@example.com" },
    });
  }

  /** Writes a file of the repository. */
  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.folder, name), text);
  }

  /** Replaces text in a file of the repository. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const text = await readFile(path.join(this.folder, name), "utf8");
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    await this.write(name, text.replace(from, to));
  }

  /** Copies one of the examples, with the values changed that it says are to be changed. */
  async pipeline(example: string, values: Readonly<Record<string, string>>): Promise<string> {
    let text = await readFile(path.join(EXAMPLES, example), "utf8");
    for (const [from, to] of Object.entries(values)) {
      if (text.split(from).length !== 2) throw new Error(`${example} has ${from} not just once`);
      text = text.replace(from, to);
    }
    const file = path.join(this.folder, example);
    await writeFile(file, text);
    return file;
  }

  async close(): Promise<void> {
    await rm(this.base, { recursive: true, force: true });
  }

  private async command(name: string, script: string): Promise<void> {
    const file = path.join(this.base, "bin", name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }
}

/** What it installs is what this checkout has. */
const NPM = `case "$1 $2" in
  init* | pkg*) PATH=\${PATH#*:} exec npm "$@" ;;
  *--prefix) cd "$3" ;;
esac
ln -sfn "${path.join(CHECKOUT, "node_modules")}" node_modules`;
