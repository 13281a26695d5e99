import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import pg from "pg";
import type { Server } from "./postgres";

/** A server that the test runner started, as it describes it to the test files. */
export type ServerAddress = { readonly host: string } & Pick<
  Server,
  "version" | "port" | "superuser" | "password" | "dataDir" | "logFile" | "socketDir"
>;

/** How a server that was started is found. */
export function addressOf(server: Server): ServerAddress {
  const { version, port, superuser, password, dataDir, logFile, socketDir } = server;
  return { version, host: "127.0.0.1", port, superuser, password, dataDir, logFile, socketDir };
}

/** The environment variable with the list of `ServerAddress`, as JSON. */
export const serversVariable = "PGMOB_TEST_SERVERS";

/** A server shared by all test files. */
export interface TestServer extends ServerAddress {
  /** A connected client of the superuser, which the caller ends. Default database: postgres. */
  admin(database?: string): Promise<pg.Client>;
  /** A connection URL. Defaults: database postgres, the superuser and its password. */
  url(database?: string, user?: string, password?: string): string;
  /** What the server has logged since this process started, every statement of every test file included. */
  log(): Promise<string>;
}

/** The view that a test file has of a server. */
export function testServer(address: ServerAddress): TestServer {
  const { host, port, superuser, logFile } = address;
  const start = statSync(logFile).size;
  return {
    ...address,
    async admin(database = "postgres") {
      const client = new pg.Client({ host, port, user: superuser, password: address.password, database, ssl: false });
      await client.connect();
      return client;
    },
    url(database = "postgres", user = superuser, password = address.password) {
      const [u, p, d] = [user, password, database].map(encodeURIComponent);
      return `postgresql://${u}:${p}@${host}:${port}/${d}`;
    },
    async log() {
      const file = await open(logFile);
      try {
        const { size } = await file.stat();
        const { buffer } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
        return buffer.toString();
      } finally {
        await file.close();
      }
    },
  };
}
