import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "./place";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

function processes(): Process[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => {
      const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return args === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
    });
  }
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return [{ pid: Number(pid), parent, args }];
    } catch {
      return []; // Gone since the folder was read.
    }
  });
}

/**
 * Ends what a killed Pulumi CLI leaves running: the plugins of this project that have lost their engine, and would wait
 * for it for ever.
 */
export function endOrphans(): void {
  const all = processes();
  const host = join(realpathSync(join(projectDir, "node_modules")), "@pulumi", "pulumi", "cmd", "dynamic-provider");
  // A host's parent is the script that started it, and that one's parent is the engine, or, once it is dead, process 1.
  const isOrphan = ({ parent }: Process) => parent === 1 || all.find(({ pid }) => pid === parent)?.parent === 1;
  const orphans = all.filter((it) => isOrphan(it) && it.args.includes("pulumi"));
  const engineOf = ({ args }: Process) => /127\.0\.0\.1:\d+$/.exec(args)?.[0];
  const engines = new Set(orphans.filter(({ args }) => args.includes(host)).map(engineOf));
  for (const orphan of orphans) {
    if (engineOf(orphan) === undefined || !engines.has(engineOf(orphan))) continue;
    try {
      process.kill(orphan.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
