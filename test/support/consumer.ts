/** A consumer of a logical replication slot, over the streaming protocol and the plugin pgoutput. */

import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** Where a consumer connects to, and what it reads. */
export interface ConsumerOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly slot: string;
  readonly publication: string;
  readonly applicationName?: string;
  /** Connect again at once whenever the stream ends, for whatever reason. Default: end with the first stream. */
  readonly reconnect?: boolean;
}

/** What pg keeps to itself: the connection with the messages that no query asks for. */
interface Wire {
  on(event: "replicationStart", listener: () => void): void;
  on(event: "copyData", listener: (message: { chunk: Buffer }) => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
  readonly stream: { destroy(): void };
}

/** Reads the rows that are inserted, and confirms each transaction, until it is stopped. */
export class Consumer {
  /** The first column of every row that was received, in order. */
  readonly received: string[] = [];
  /** How many streams were started. */
  streams = 0;
  /** What ended the last stream. */
  ended = "";
  private stopped = false;
  private wire: Wire | undefined;
  private readonly running: Promise<void>;

  constructor(private readonly options: ConsumerOptions) {
    this.running = this.run();
  }

  /** Waits until something is true. Throws, with what ended the stream, when it is not within twenty seconds. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`the consumer waits in vain: ${this.ended || "the stream goes on"}`);
      await sleep(5);
    }
  }

  /** Ends the stream, and waits until it has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wire?.stream.destroy();
    await this.running;
  }

  private async run(): Promise<void> {
    do {
      await this.stream().catch((error: Error) => {
        this.ended = error.message;
      });
    } while (this.options.reconnect && !this.stopped);
  }

  private async stream(): Promise<void> {
    const { host, port, user, password, database, slot, publication, applicationName } = this.options;
    const settings = { host, port, user, password, database, ssl: false, replication: "database" };
    const client = new pg.Client({ ...settings, application_name: applicationName } as pg.ClientConfig);
    client.on("error", () => undefined); // the query is told of it as well
    const { connection: wire } = client as unknown as { connection: Wire };
    this.wire = wire;
    wire.on("replicationStart", () => {
      this.streams += 1;
    });
    wire.on("copyData", ({ chunk }) => this.take(chunk, wire));
    try {
      await client.connect();
      const options = `proto_version '1', publication_names '${publication}'`;
      await client.query(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (${options})`);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private take(chunk: Buffer, wire: Wire): void {
    const kind = String.fromCharCode(chunk[0]!);
    // A keepalive says how far the server is, and that far there was nothing else to send.
    if (kind === "k") wire.sendCopyFromChunk(confirmation(chunk.readBigUInt64BE(1)));
    if (kind !== "w") return;
    const message = chunk.subarray(25);
    const what = String.fromCharCode(message[0]!);
    if (what === "I") this.received.push(message.toString("utf8", 13, 13 + message.readUInt32BE(9)));
    if (what === "C") wire.sendCopyFromChunk(confirmation(message.readBigUInt64BE(10)));
  }
}

/** The message that says up to where everything was received and may be forgotten. */
function confirmation(position: bigint): Buffer {
  const message = Buffer.alloc(34);
  message.write("r");
  for (const offset of [1, 9, 17]) message.writeBigUInt64BE(position, offset);
  return message;
}
