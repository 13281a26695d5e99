import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What a proxy does to the connection on which it sees a COMMIT: cut it instead of, or right after, passing it on. */
export type CommitCut = "before" | "after";

/** A TCP proxy in front of a PostgreSQL server, for connections without TLS. */
export interface Proxy {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** How many connections it has accepted. */
  readonly accepted: number;
  /** How many times somebody waited for an answer, on all connections together. */
  readonly roundTrips: number;
  /** The longest chain of round trips of which each began after the one before was answered, on whatever connection. */
  readonly depth: number;
  /** Forgets what was counted. */
  reset(): void;
  /** How many COMMITs it has cut. */
  readonly cuts: number;
  /** Cuts the connections of the next COMMITs: `times` of them (default 1). `after`: once the server has answered. */
  cutAtCommit(cut: CommitCut, times?: number): void;
  /** Cuts every connection that is open now, without a word to either side. */
  cutAll(): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** How a request ends that ends a transaction, whatever comes before it in the same text. */
const commit = Buffer.from("COMMIT\0");

/**
 * Starts a proxy on a free port of 127.0.0.1.
 *
 * @param roundTrip how many milliseconds it adds to the time between a question and its answer
 */
export async function startProxy(target: { host: string; port: number }, roundTrip = 0): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const counts = { accepted: 0, cuts: 0, left: 0, roundTrips: 0, depth: 0 };
  // Equal delays keep the order.
  const later = (task: () => void) => (roundTrip === 0 ? task() : void setTimeout(task, roundTrip / 2));
  let cut: CommitCut = "before";

  const server = createServer((client) => {
    counts.accepted += 1;
    const upstream = connect(target.port, target.host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const destroy = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair)
      socket
        .setNoDelay()
        .on("error", destroy)
        .on("close", () => later(destroy));
    let tail: Buffer = Buffer.alloc(0);
    let [asked, depth] = [true, counts.depth + 1];
    const ask = () => {
      if (!asked) [asked, depth] = [true, counts.depth + 1];
    };
    const answer = () => {
      if (asked) counts.roundTrips += 1;
      asked = false;
      counts.depth = Math.max(counts.depth, depth);
    };
    if (roundTrip > 0) {
      // Connecting is a round trip by itself.
      client.pause();
      setTimeout(() => {
        answer();
        client.resume();
      }, roundTrip);
    }
    client.on("data", (chunk) => {
      ask();
      const seen = Buffer.concat([tail, chunk]);
      tail = seen.subarray(-commit.length + 1); // a message may come in two pieces
      if (counts.left === 0 || !seen.includes(commit)) {
        later(() => upstream.write(chunk));
        return;
      }
      counts.left -= 1;
      counts.cuts += 1;
      if (cut === "before") {
        destroy();
      } else {
        upstream.removeAllListeners("data").once("data", destroy); // the answer is not passed on
        upstream.write(chunk);
      }
    });
    upstream.on("data", (chunk) =>
      later(() => {
        answer();
        client.write(chunk);
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as { port: number };

  const cutAll = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  return {
    host: "127.0.0.1",
    port: address.port,
    get accepted() {
      return counts.accepted;
    },
    get roundTrips() {
      return counts.roundTrips;
    },
    get depth() {
      return counts.depth;
    },
    reset() {
      Object.assign(counts, { accepted: 0, roundTrips: 0, depth: 0 });
    },
    get cuts() {
      return counts.cuts;
    },
    cutAtCommit(where, times = 1) {
      cut = where;
      counts.left = times;
    },
    cutAll,
    async close() {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
}
