/**
 * Connections that are opened before a database is closed to everybody, and handed to programs that connect afterwards.
 * A program finds a Unix socket that asks for no password; behind it is a session that has logged in long ago.
 */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidValueError } from "../errors";
import { leave, streamOf } from "../pg-abandon";
import { type Opened, openClient } from "../pg-connect";
import type { ResolvedSettings } from "../settings";
import { withEnvironment } from "./connection";
import { isTooLong, socketIn } from "./unix-socket";

/** A session, and what a server says about it to a client that has logged in. */
interface Handed extends Opened {
  readonly parameters: readonly [name: string, value: string][];
}

/** Any port: it is a part of the socket's name alone. */
const PORT = 5432;

/** The version of the protocol that a request for a session begins with. */
const PROTOCOL = 3;

/** What of the environment asks a server for things that a socket of our own has not. */
const DEMANDS = ["PGREQUIREPEER", "PGGSSENCMODE", "PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION"];

/** A server that asks for nothing and offers nothing: whoever connects to it here has logged in elsewhere. */
const ASKS_NOTHING = {
  hostAddress: undefined,
  password: undefined,
  passwordCommand: undefined,
  passwordFile: "/dev/null",
  sslMode: "disable",
  sslRootCert: undefined,
  sslCert: undefined,
  sslKey: undefined,
  sslCrl: undefined,
  sslNegotiation: "postgres",
  channelBinding: "disable",
  requireAuth: undefined,
  targetSession: "any",
} as const satisfies Partial<ResolvedSettings>;

/** Sessions to one database, each for one connection of a program. */
export class HandedConnections {
  /** The server's process ids of all sessions. */
  readonly pids: readonly number[];
  private readonly free: Handed[];
  private readonly server: Server;

  private constructor(
    private readonly folder: string,
    private readonly all: readonly Handed[],
  ) {
    this.free = [...all];
    this.pids = all.map(({ pid }) => pid);
    this.server = createServer((socket) => this.greet(socket));
  }

  /** Opens so many sessions. */
  static async open(settings: ResolvedSettings, database: string, count: number): Promise<HandedConnections> {
    const folder = await mkdtemp(join(tmpdir(), "pgmob-handed-"));
    const opened: Handed[] = [];
    try {
      if (isTooLong(socketIn(folder, PORT))) {
        throw new InvalidValueError(
          `the folder for temporary files has too long a name for a Unix socket: ${tmpdir()}`,
          {
            remedy: "Set TMPDIR to a folder with a shorter one",
          },
        );
      }
      for (let left = count; left > 0; left--) opened.push(await openSession(settings, database));
      const handed = new HandedConnections(folder, opened);
      handed.server.listen(socketIn(folder, PORT));
      await once(handed.server, "listening");
      return handed;
    } catch (error) {
      for (const { client } of opened) streamOf(client).destroy();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a task with the environment of a program that is handed these connections, as {@link withEnvironment} does. */
  readonly access: typeof withEnvironment = (settings, database, task) => {
    const here: ResolvedSettings = { ...settings, ...ASKS_NOTHING, host: this.folder, port: PORT };
    return withEnvironment(here, database, (env) => {
      for (const name of DEMANDS) delete env[name];
      return task(env);
    });
  };

  /** Ends every session, and waits until the server has. */
  async close(): Promise<void> {
    this.server.close();
    await Promise.all(this.all.map(({ client }) => leave(client)));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Reads what a program begins with. Whom it wants to be, and where, is settled already. */
  private greet(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    let bytes = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 8 || bytes.length < bytes.readInt32BE(0)) return;
      socket.off("data", read);
      // Other requests than for a session are to cancel what another session does: whoever asks that ends it as well.
      if (bytes.readUInt16BE(4) === PROTOCOL) this.hand(socket);
      else socket.destroy();
    };
    socket.on("data", read);
  }

  private hand(socket: Socket): void {
    const handed = this.free.shift();
    if (handed === undefined) {
      socket.destroy();
      return;
    }
    const stream = streamOf(handed.client);
    stream.removeAllListeners("data"); // what comes from here on is for the program
    stream.on("error", () => {}).on("close", () => socket.end().resume()); // what the server has said last is heard
    socket.on("close", () => stream.end().resume());
    socket.write(welcome(handed));
    socket.pipe(stream);
    stream.pipe(socket);
  }
}

/** What a server tells its clients about itself, as far as PostgreSQL's programs ask. */
const REPORTED = ["server_version", "server_encoding", "client_encoding", "standard_conforming_strings", "TimeZone"];

/** Logs in, and leaves the session as the server gives it to a program that connects. */
async function openSession(settings: ResolvedSettings, database: string): Promise<Handed> {
  let values: (string | undefined)[] = [];
  const opened = await openClient(settings, database, async ({ client }) => {
    await client.query(
      `SET idle_session_timeout = 0;
       SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), false)`,
    );
    const columns = REPORTED.map((name) => `pg_catalog.current_setting('${name}')`);
    const { rows } = await client.query<string[]>({ text: `SELECT ${columns.join(", ")}`, rowMode: "array" });
    values = rows[0] ?? [];
  });
  return { ...opened, parameters: REPORTED.map((name, index) => [name, values[index] ?? ""]) };
}

/** What a server says when a client has logged in: that it has, the parameters, a key to cancel with, and its turn. */
function welcome({ pid, parameters }: Handed): Buffer {
  return Buffer.concat([
    message("R", number(0)),
    ...parameters.map(([name, value]) => message("S", Buffer.from(`${name}\0${value}\0`))),
    message("K", number(pid), number(0)),
    message("Z", Buffer.from("I")),
  ]);
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), number(body.length + 4), body]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
