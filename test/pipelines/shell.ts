import { spawn } from "node:child_process";

/** How a script has ended. */
export interface Ended {
  readonly code: number;
  /** Both streams, as they were printed. */
  readonly output: string;
}

/** Runs a script in bash as the runners of GitHub and GitLab do: it ends with the first command, or pipe, that fails. */
export function bash(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", `exec 2>&1\n${script}`], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
