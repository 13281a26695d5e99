import { type OutputLine, Script } from "./child";
import type { Project } from "./project";

/** What a run of the program needs. */
export interface ProgramOptions {
  project: Project;
  stack: string;
  monitorAddress: string;
  preview: boolean;
  parallel: number;
  env: NodeJS.ProcessEnv;
  onLine: (line: OutputLine) => void;
}

/** The exit code with which the SDK says that it has already told the user what went wrong. */
const ALREADY_REPORTED = 32;

/** How the program has ended: well, with something to report, or with an error it has reported itself. */
export type ProgramEnd = { ok: true } | { ok: false; message?: string };

/** Starts the program with the SDK's real runner. `ended` resolves when its process has ended. */
export function startProgram(options: ProgramOptions): { ended: Promise<ProgramEnd>; stop(): Promise<void> } {
  const { project, monitorAddress } = options;
  const script = new Script({
    module: "@pulumi/pulumi/cmd/run",
    directory: project.directory,
    nodeArguments: project.nodeArguments,
    env: { ...options.env, ...typeScriptEnvironment(project) },
    arguments: [
      ...["--monitor", monitorAddress, "--engine", monitorAddress],
      ...["--organization", "organization", "--project", project.name, "--stack", options.stack],
      ...["--root-directory", project.root, "--pwd", project.directory],
      ...(options.preview ? ["--dry-run"] : []),
      ...["--parallel", String(options.parallel), project.entry],
    ],
    onLine: options.onLine,
  });
  const ended = script.exited.then((code): ProgramEnd => {
    if (code === 0) return { ok: true };
    if (code === ALREADY_REPORTED) return { ok: false };
    const how = typeof code === "number" ? `with non-zero exit code: ${code}` : `unexpectedly: signal: ${code}`;
    return { ok: false, message: `Program exited ${how}` };
  });
  return { ended, stop: () => script.stop() };
}

/** The SDK compiles TypeScript itself unless the project says otherwise. */
function typeScriptEnvironment(project: Project): Record<string, string> {
  const { typescript, tsconfig } = project.options;
  return {
    ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}
