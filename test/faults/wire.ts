/** A proxy that reads PostgreSQL's protocol, so that something can happen at the n-th request that passes. */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** What happens at a request. It passes the request on, or does not; nothing else of its connection passes meanwhile. */
export type Act = (link: Link, request: Buffer) => Promise<void> | void;

/** Where something happens. */
export interface Trap {
  /** At the how many-th request from now on, of all connections, beginning with 1. */
  readonly at: number;
  /** Which requests count. Default: every one. */
  readonly of?: RegExp;
  readonly act: Act;
}

/** A request that ends a transaction, or is all of one. */
export const COMMIT = /^Q.{4}(?:BEGIN; .*; )?COMMIT\0$/s;

const CANCEL_REQUEST = 80_877_102;

/** A connection through the proxy: messages of the client are put together to requests, those of the server are read. */
export class Link {
  /** The server's process of it. */
  pid = 0;
  /** Whether answers are kept from the client. */
  mute = false;
  /** Is told each message of the server: its type and what it consists of. */
  onMessage: ((type: string, body: Buffer) => void) | undefined;
  private key = 0;
  private unread: Buffer = Buffer.alloc(0);
  private unanswered: Buffer = Buffer.alloc(0);
  private request: Buffer[] = [];
  private started = false;
  private turn: Promise<void> = Promise.resolve();
  private readonly ended: Promise<void>;

  constructor(
    private readonly client: Socket,
    private readonly upstream: Socket,
    private readonly onRequest: (link: Link, request: Buffer) => Promise<void> | void,
  ) {
    this.ended = new Promise((resolve) => upstream.once("close", () => resolve()));
    for (const socket of [client, upstream]) {
      socket
        .setNoDelay()
        .on("error", () => this.cut())
        .on("close", () => this.cut());
    }
    client.on("data", (chunk) => this.read(chunk));
    upstream.on("data", (chunk) => {
      this.listen(chunk);
      if (!this.mute) client.write(chunk);
    });
  }

  /** Passes a request, or a part of it, on. Resolves when it is on its way. */
  pass(request: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.upstream.destroyed) resolve();
      else this.upstream.write(request, () => resolve());
    });
  }

  /** Resolves when the server has answered a request in full, or the connection has ended. */
  answered(): Promise<void> {
    const answer = new Promise<void>((resolve) => {
      this.onMessage = (type) => type === "Z" && resolve();
    });
    return Promise.race([answer, this.ended]);
  }

  /** Asks the server to cancel what it does for this connection. */
  async cancel(port: number): Promise<void> {
    const request = Buffer.alloc(16);
    [16, CANCEL_REQUEST, this.pid, this.key].forEach((word, index) => {
      request.writeInt32BE(word, index * 4);
    });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined).end(request);
    socket.resume();
    await once(socket, "close").catch(() => undefined);
  }

  /** Ends both sides without a word. */
  cut(): void {
    this.client.destroy();
    this.upstream.destroy();
  }

  private read(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    for (;;) {
      const header = this.started ? 1 : 0; // the first message has no type
      if (this.unread.length < header + 4) return;
      const end = header + this.unread.readUInt32BE(header);
      if (this.unread.length < end) return;
      const message = this.unread.subarray(0, end);
      this.unread = this.unread.subarray(end);
      this.request.push(message);
      const type = this.started ? String.fromCharCode(message[0] as number) : "";
      this.started = true;
      // A query, or the end of a row of messages that belong together; what else there is passes as it comes.
      if (type === "P" || type === "B" || type === "D" || type === "E" || type === "C" || type === "H") continue;
      const request = Buffer.concat(this.request.splice(0));
      const whole = type === "Q" || type === "S";
      this.turn = this.turn
        .then(() => (whole ? this.onRequest(this, request) : this.pass(request)))
        .catch(() => this.cut());
    }
  }

  private listen(chunk: Buffer): void {
    this.unanswered = Buffer.concat([this.unanswered, chunk]);
    while (this.unanswered.length >= 5) {
      const end = 1 + this.unanswered.readUInt32BE(1);
      if (this.unanswered.length < end) return;
      const [type, body] = [String.fromCharCode(this.unanswered[0] as number), this.unanswered.subarray(5, end)];
      this.unanswered = this.unanswered.subarray(end);
      if (type === "K") [this.pid, this.key] = [body.readInt32BE(0), body.readInt32BE(4)];
      this.onMessage?.(type, body);
    }
  }
}

/** A proxy on a port of its own, for connections without TLS to a server whose port may change. */
export class FaultProxy {
  /** How many requests have arrived since the last {@link begin}, and how many of them are a COMMIT. */
  readonly counts = { requests: 0, commits: 0 };
  private readonly links = new Set<Link>();
  private trap: Trap | undefined;
  private left = 0;

  private readonly server: Server;

  private constructor(target: () => number) {
    this.server = createServer((client) => {
      const link = new Link(client, connect(target(), "127.0.0.1"), (of, request) => this.arrived(of, request));
      this.links.add(link);
      client.once("close", () => this.links.delete(link));
    });
  }

  /** Starts one. */
  static async start(target: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** Begins to count. */
  begin(): void {
    this.counts.requests = this.counts.commits = 0;
  }

  /** Lets something happen once. */
  set(trap: Trap): void {
    this.trap = trap;
    this.left = trap.at;
  }

  /** Lets nothing happen any more. Returns whether it has happened. */
  clear(): boolean {
    const happened = this.trap === undefined;
    this.trap = undefined;
    return happened;
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    for (const link of this.links) link.cut();
    this.server.close();
    await once(this.server, "close");
  }

  private arrived(link: Link, request: Buffer): Promise<void> | void {
    const { trap, counts } = this;
    counts.requests += 1;
    if (COMMIT.test(request.toString("latin1"))) counts.commits += 1;
    if (trap === undefined || !(trap.of?.test(request.toString("latin1")) ?? true)) return link.pass(request);
    this.left -= 1;
    if (this.left > 0) return link.pass(request);
    this.trap = undefined;
    return trap.act(link, request);
  }
}
