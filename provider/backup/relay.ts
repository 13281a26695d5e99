/**
 * The way of programs on this machine to the server: through here, byte for byte, TLS and logins included. A program is gone as
 * soon as it has said goodbye; when its session is, the server tells by closing the connection, which only its other end sees.
 */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PostgresError } from "../errors";
import { atMost } from "../patience";
import type { ResolvedSettings } from "../settings";
import { isSocket } from "../tls";
import { isTooLong, socketIn } from "./unix-socket";

/** What leads a program somewhere else than its settings say. */
export type Detour = Readonly<Record<string, string>>;

/** How long a session may take to end. */
const PATIENCE_MS = 10_000;
/** How long what nobody reads any more is read for the server to notice. */
const DRAIN_MS = 250;
/** What a session is given to end that nobody here can see. */
export const UNSEEN_MS = 250;

/** Runs a task whose programs take this way, and waits until the server has ended their sessions. */
export async function relayed<T>(
  settings: Pick<ResolvedSettings, "host" | "hostAddress" | "port">,
  task: (detour: Detour) => Promise<T>,
): Promise<T> {
  const { host, hostAddress, port } = settings;
  if (!isSocket(settings)) {
    const way = { host: hostAddress ?? host, port };
    // The name of the host stays, for its certificate.
    return listening(way, { host: "127.0.0.1", port: 0 }, (own) =>
      task({ PGHOSTADDR: "127.0.0.1", PGPORT: String(own) }),
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "pgmob-relay-"));
  try {
    // A program that asks who listens on the socket is to hear of the server's user, and not of this one.
    const direct = process.env.PGREQUIREPEER !== undefined || isTooLong(socketIn(folder, port));
    if (direct) return await task({}).finally(() => sleep(UNSEEN_MS));
    const way = { path: socketIn(host, port) };
    return await listening(way, { path: socketIn(folder, port) }, () => task({ PGHOST: folder }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function listening<T>(
  way: NetConnectOpts,
  where: { host: string; port: number } | { path: string },
  task: (port: number | undefined) => Promise<T>,
): Promise<T> {
  const sessions = new Map<Socket, Promise<void>>();
  const troubles: Error[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (program) =>
    relay(program, way, sessions).on("error", (trouble) => troubles.push(trouble)),
  );
  server.listen(where);
  await once(server, "listening");
  const address = server.address();
  try {
    return await task(typeof address === "object" ? address?.port : undefined);
  } catch (error) {
    const [trouble] = troubles;
    // The program knows no more than that nobody answers here.
    throw trouble !== undefined && error instanceof PostgresError
      ? error.adding(`The server itself: ${trouble.message}`)
      : error;
  } finally {
    server.close();
    await atMost(PATIENCE_MS, Promise.all(sessions.values()));
    for (const session of sessions.keys()) session.destroy();
  }
}

/** Lets a program and the server talk. Each end of one direction is passed on, and what the other direction has left goes on. */
function relay(program: Socket, way: NetConnectOpts, sessions: Map<Socket, Promise<void>>): Socket {
  const session = connect({ ...way, allowHalfOpen: true, noDelay: true, keepAlive: true });
  const ended = new Promise<void>((resolve) => session.once("close", () => resolve()));
  sessions.set(session, ended);
  void ended.then(() => {
    sessions.delete(session);
    program.end().resume(); // what the server has said last is heard
  });
  program.on("error", () => {}); // it is closed then
  program.once("close", () => {
    session.end().resume();
    setTimeout(() => session.destroy(), DRAIN_MS).unref();
  });
  program.pipe(session).pipe(program);
  return session;
}
