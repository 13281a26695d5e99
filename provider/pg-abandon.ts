/** Ending connections that cannot be ended as usual. */

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import type { Client } from "pg";
import { atMost } from "./patience";

/** What `pg` knows of a connection, beyond what it tells. */
interface Insides {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
}

const CANCEL_REQUEST = 80_877_102;

/** How long a session may take to end. */
const PATIENCE_MS = 3000;

/** How long one may take that has nothing to do any more. */
const GOODBYE_MS = 1000;

/** The way that a client's bytes go. */
export function streamOf(client: Client): Socket {
  return (client as unknown as Insides).connection.stream;
}

/** Closes a connection without a word to the server. */
export function cut(client: Client): void {
  streamOf(client).destroy();
}

/**
 * Ends a connection in the middle of a COPY that nobody reads or writes any more: has the server cancel it, and waits for
 * the end of the session, so that it counts as long as it is there.
 */
export async function abandon(client: Client): Promise<void> {
  const stream = streamOf(client);
  if (stream.destroyed) return;
  stream.unpipe().removeAllListeners("data").removeAllListeners("readable");
  stream.on("data", () => {}).resume();
  const closed = once(stream, "close").catch(() => {}); // an error may come while the cancellation is sent
  stream.end(); // a COPY that reads ends with this, one that writes with the cancellation
  await cancel(client as unknown as Insides);
  await atMost(PATIENCE_MS, closed);
  stream.destroy();
}

/** Ends a connection that others have used, and waits for the end of the session: what it goes on with is abandoned. */
export async function leave(client: Client): Promise<void> {
  const stream = streamOf(client);
  if (stream.destroyed) return;
  stream.end().resume();
  await atMost(GOODBYE_MS, once(stream, "close"));
  await abandon(client);
}

/** Sends the server a request to cancel what a session does. Whether it was heeded, nobody tells. */
async function cancel({ processID, secretKey, host, port }: Insides): Promise<void> {
  if (processID === null || secretKey === null) return;
  const request = Buffer.alloc(16);
  [16, CANCEL_REQUEST, processID, secretKey].forEach((word, index) => {
    request.writeInt32BE(word, index * 4);
  });
  const socket = host.startsWith("/") ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy()).on("error", () => {});
  socket.end(request).resume();
  await once(socket, "close").catch(() => {});
}
