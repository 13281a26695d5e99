import { relative } from "node:path";
import { runningServer, type Server, startServer } from "../support/postgres";
import { readRecord } from "../support/postgres-data";
import { chooseDeployer } from "./choose-deployer";
import type { Deployer } from "./deployer";
import { inventory } from "./inventory";
import { interruptedRun, removeMarker, writeMarker } from "./marker";
import { projectDir, removeState, serverFolder } from "./place";
import { recover } from "./recovery";

/** The server of the quickstart, running, and what runs the program. */
export interface Session {
  readonly server: Server;
  readonly deployer: Deployer;
  /** Whether the server was made just now. */
  readonly fresh: boolean;
}

/**
 * Starts the server when it does not run, makes the stack, and puts in order what a killed command left. Prints a line
 * on the server and one on what runs the program.
 */
export async function openSession(): Promise<Session> {
  const killed = await interruptedRun();
  const folder = await serverFolder();
  const fresh = (await readRecord(folder)) === undefined;
  // The state of a server that is gone says nothing of a new one.
  if (fresh) await removeState();
  const was = (await runningServer(folder)) ? "runs" : "was started";
  const server = await startServer({ version: 18, folder, detached: true, settings: { wal_level: "logical" } });
  const place = folder.startsWith(projectDir) ? relative(projectDir, folder) : folder;
  console.log(`PostgreSQL ${server.version} ${was} on 127.0.0.1, port ${server.port}; its data is in ${place}.`);
  const deployer = chooseDeployer();
  console.log(deployer.introduction);
  await deployer.open();
  if (killed !== undefined && !fresh) await recover(server, deployer, killed);
  await removeMarker();
  return { server, deployer, fresh };
}

/**
 * Whether what is in the stack's state can be looked up on the server: a refresh connects as the last `up` did, which
 * leads nowhere when the server had to move to another port since.
 */
export async function canRefresh({ server, deployer }: Session): Promise<boolean> {
  return (await deployer.state()).port === String(server.port);
}

/** Does work that changes the stack. Should it be killed, the next command knows what to clear up. */
export async function changingStack<T>(server: Server, work: () => Promise<T>): Promise<T> {
  const before = (await inventory(server)).map(({ type, oid }) => ({ type, oid }));
  await writeMarker({ pid: process.pid, before });
  const result = await work();
  await removeMarker();
  return result;
}
