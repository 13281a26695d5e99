import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

/** A line that a child process has printed. */
export interface OutputLine {
  text: string;
  stream: "stdout" | "stderr";
}

/** How to start one of the SDK's scripts. */
export interface ScriptOptions {
  /** The script as a module name, found from `directory`. */
  module: string;
  /** The folder it runs in. */
  directory: string;
  arguments: string[];
  nodeArguments?: string[];
  env: NodeJS.ProcessEnv;
  onLine: (line: OutputLine) => void;
}

/** A Node.js process that runs one of the SDK's scripts. */
export class Script {
  private readonly child: ChildProcess;
  /** Resolves with the exit code, or with a text for a signal, once all output has been read. */
  readonly exited: Promise<number | string>;

  constructor(options: ScriptOptions) {
    const script = createRequire(path.join(options.directory, "index.js")).resolve(options.module);
    const preload = ["exit-with-parent.js", "lazy-modules.js"].flatMap((name) => [
      "--require",
      path.join(__dirname, name),
    ]);
    this.child = spawn(
      process.execPath,
      [...preload, ...(options.nodeArguments ?? []), script, ...options.arguments],
      // A group of its own: Ctrl-C at the terminal is for the engine, which then lets running operations finish.
      { cwd: options.directory, env: options.env, stdio: ["ignore", "pipe", "pipe", "ipc"], detached: true },
    );
    for (const stream of ["stdout", "stderr"] as const) {
      const source = this.child[stream];
      if (source) createInterface({ input: source }).on("line", (text) => options.onLine({ text, stream }));
    }
    this.exited = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => resolve(code ?? signal ?? "no exit code"));
    });
    this.exited.catch(() => undefined);
  }

  /**
   * Starts a script that serves gRPC on this machine, and whose first line on standard output is the port.
   * Rejects when it ends before it says which.
   */
  static async serving(options: ScriptOptions): Promise<{ script: Script; address: string }> {
    let listening: (port: string) => void = () => undefined;
    let first = true;
    const port = new Promise<string>((resolve) => {
      listening = resolve;
    });
    const script = new Script({
      ...options,
      onLine: (line) => {
        if (!first || line.stream !== "stdout") return options.onLine(line);
        first = false;
        listening(line.text);
      },
    });
    const ended = script.exited.then((code) => {
      throw new Error(`exit status ${code}`);
    });
    ended.catch(() => undefined);
    return { script, address: `127.0.0.1:${await Promise.race([port, ended])}` };
  }

  /** The id of the process. */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the process did not start");
    return this.child.pid;
  }

  /** Kills the process, as a crash would. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited.catch(() => undefined);
  }

  /** Asks the process to end, and ends it after five seconds if it does not. */
  async stop(): Promise<void> {
    const running = () => this.child.exitCode === null && this.child.signalCode === null;
    if (!running() || this.child.pid === undefined) return;
    this.child.kill("SIGINT");
    const timer = setTimeout(() => running() && this.child.kill("SIGKILL"), 5000);
    await this.exited.catch(() => undefined);
    clearTimeout(timer);
  }
}
