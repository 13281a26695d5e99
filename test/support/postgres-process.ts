import { execFile, spawn } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { serverEnvironment } from "./postgres-data";
import type { SupervisorOrder } from "./postgres-supervisor";
import { asServerUser } from "./postgres-user";

/** The command line of a live process, its words separated by spaces; empty for one that is gone or a zombie. */
export async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
    return (await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(pid)])).stdout;
  } catch {
    return "";
  }
}

async function recordedPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 1 ? pid : undefined;
}

/** The process id of the server that runs on this data directory, or undefined: a stale postmaster.pid does not count. */
export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const pid = await recordedPid(dataDir);
  return pid !== undefined && (await commandLine(pid)).includes(`-D ${dataDir}`) ? pid : undefined;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Removes a postmaster.pid whose number now belongs to some other process (or to a zombie, where nobody reaps):
 * PostgreSQL would take that one for a running server and refuse to start. Any other stale file it handles itself.
 */
export async function clearReusedPid(dataDir: string): Promise<void> {
  const pid = await recordedPid(dataDir);
  if (pid !== undefined && exists(pid) && !(await commandLine(pid)).includes(`-D ${dataDir}`)) {
    await rm(join(dataDir, "postmaster.pid"), { force: true });
  }
}

/** Sends the signal to the server on this data directory and waits until it is gone (at most a minute). */
export async function signalServer(dataDir: string, signal: "SIGINT" | "SIGQUIT" | "SIGKILL"): Promise<void> {
  const pid = await postmasterPid(dataDir);
  if (pid === undefined) return;
  process.kill(pid, signal);
  const deadline = Date.now() + 60_000;
  while ((await commandLine(pid)).includes(`-D ${dataDir}`)) {
    if (Date.now() > deadline) throw new Error(`the server with process id ${pid} did not stop on ${signal}`);
    await sleep(20);
  }
}

/** The processes of a server, beside the first one. */
async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

/**
 * Kills the server on this data directory with `kill -9`, and after two seconds those of its processes that do not notice
 * by themselves: who makes a logical slot may wait for WAL that nobody writes any more, and no server starts meanwhile.
 */
export async function killServer(dataDir: string): Promise<void> {
  const pid = await postmasterPid(dataDir);
  if (pid === undefined) return;
  const children = await childrenOf(pid);
  await signalServer(dataDir, "SIGKILL");
  const deadline = Date.now() + 2_000;
  for (const child of children) {
    while ((await commandLine(child)).startsWith("postgres:")) {
      if (Date.now() > deadline && exists(child)) process.kill(child, "SIGKILL");
      await sleep(20);
    }
  }
}

/** A server that was just launched. */
export interface Launched {
  /** Whether it has exited. */
  exited: boolean;
}

/**
 * Starts postgres on a data directory, its output appended to the log file. Detached, it outlives this process;
 * otherwise a supervisor stops it, and removes the folder `cleanUp`, as soon as this process ends in whatever way.
 */
export async function launch(
  o: { postgres: string; dataDir: string; logFile: string; path?: string | undefined } & (
    | { detached: true }
    | { detached: false; cleanUp?: string }
  ),
): Promise<Launched> {
  const log = await open(o.logFile, "a", 0o600);
  const order: SupervisorOrder = {
    program: o.postgres,
    args: ["-D", o.dataDir],
    options: { ...asServerUser(), env: { ...serverEnvironment(), ...(o.path === undefined ? {} : { PATH: o.path }) } },
    cleanUp: o.detached ? undefined : o.cleanUp,
  };
  try {
    const child = o.detached
      ? spawn(order.program, order.args, { ...order.options, detached: true, stdio: ["ignore", log.fd, log.fd] })
      : spawn(process.execPath, [join(__dirname, "postgres-supervisor.js"), JSON.stringify(order)], {
          detached: true,
          stdio: ["pipe", log.fd, log.fd],
        });
    const launched: Launched = { exited: false };
    child.on("exit", () => {
      launched.exited = true;
    });
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    // Neither the child nor the pipe that tells it of our end may keep this process alive.
    child.unref();
    (child.stdin as unknown as { unref(): void } | null)?.unref();
    return launched;
  } finally {
    await log.close();
  }
}

function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * Whether nobody listens on this port of 127.0.0.1, within two seconds: the children of a killed server take a moment
 * to notice, and hold its port until then.
 */
export async function untilFreePort(port: number): Promise<boolean> {
  const deadline = Date.now() + 2_000;
  while (!(await isFreePort(port))) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** A free port below the range that outgoing connections take theirs from, so that it is still free after a restart. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (await isFreePort(port)) return port;
  }
}
