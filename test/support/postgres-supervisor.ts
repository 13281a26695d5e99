import { type SpawnOptions, spawn } from "node:child_process";
import { rmSync } from "node:fs";

/** What the supervisor is told, as JSON in its only argument. */
export interface SupervisorOrder {
  readonly program: string;
  readonly args: string[];
  readonly options: Pick<SpawnOptions, "cwd" | "uid" | "gid" | "env">;
  /** A folder to remove when the supervisor had to stop the server. */
  readonly cleanUp?: string;
}

/**
 * Runs a server as its child for as long as whoever started the supervisor lives. The end of its standard input tells
 * that this one is gone, were it by kill -9; the server is then stopped, ever more firmly.
 */
function supervise(order: SupervisorOrder): void {
  const server = spawn(order.program, order.args, {
    ...order.options,
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
  });
  let orphaned = false;
  const orphan = () => {
    if (orphaned) return;
    orphaned = true;
    server.kill("SIGINT");
    setTimeout(() => server.kill("SIGQUIT"), 5_000);
    setTimeout(() => server.kill("SIGKILL"), 10_000);
  };
  process.stdin.on("end", orphan).on("error", orphan).resume();
  process.on("SIGINT", orphan).on("SIGTERM", orphan).on("SIGHUP", orphan);
  server.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
  server.on("exit", (code) => {
    if (orphaned && order.cleanUp !== undefined) rmSync(order.cleanUp, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code ?? 1);
  });
}

if (require.main === module) supervise(JSON.parse(process.argv[2] ?? "") as SupervisorOrder);
