/** A program against a server that is far away, through the SDK's real host: time, connections and round trips. */

import { Host, type Properties } from "../host/host";
import { inTurn } from "../support/in-turn";
import type { Server } from "../support/postgres";
import { type Proxy as DelayingProxy, startProxy } from "../support/proxy";
import { secondsOf } from "./clock";
import { type Declared, mixedObjects } from "./mixed";

/** What the server needs for it. */
export const SETTINGS = { max_replication_slots: "200" };

/** What an operation on all objects cost. */
export interface Cost {
  readonly operation: string;
  /** From the first request in to the last answer out, connecting included. */
  readonly seconds: number;
  readonly connections: number;
  readonly roundTrips: number;
  /** The longest chain of round trips one after another. */
  readonly depth: number;
}

interface Made extends Declared {
  readonly id: string;
  readonly outputs: Properties;
}

/**
 * Previews, creates, refreshes and destroys `each` objects of every kind, each operation in a process of its own.
 *
 * @param roundTrip how far away the server is, in milliseconds
 * @param done is told of each operation, and waited for
 */
export async function far(
  server: Server,
  each: number,
  roundTrip: number,
  done: (cost: Cost) => Promise<void> | void = () => {},
): Promise<Cost[]> {
  const proxy = await startProxy({ host: "127.0.0.1", port: server.port }, roundTrip);
  const levels = mixedObjects(each);
  let made: Made[][] = [];
  const measured = async (operation: string, work: (host: Host) => Promise<void>) => {
    const cost = await measure(operation, proxy, server, work);
    await done(cost);
    return cost;
  };
  try {
    return [
      await measured("preview", async (host) => {
        await Promise.all(levels.flat().map(({ type, inputs }) => accepted(host, type, inputs)));
      }),
      await measured("up", async (host) => {
        made = await inTurn(levels, async (level) => {
          return Promise.all(level.map(async (one) => ({ ...one, ...(await host.create(one.type, one.inputs)) })));
        });
      }),
      await measured("preview, nothing to do", async (host) => {
        await Promise.all(
          made.flat().map(async ({ type, inputs, outputs }) => {
            await accepted(host, type, inputs, outputs);
            const { changes } = await host.diff(type, outputs, inputs);
            if (changes !== NO_CHANGES) throw new Error(`a ${type} differs: ${JSON.stringify(outputs)}`);
          }),
        );
      }),
      await measured("refresh", async (host) => {
        await Promise.all(
          made.flat().map(async ({ type, id, outputs }) => {
            const read = await host.read(type, id, outputs);
            if (JSON.stringify(read.outputs) !== JSON.stringify(outputs)) throw new Error(`${type} ${id} is another`);
          }),
        );
      }),
      await measured("destroy", async (host) => {
        await inTurn([...made].reverse(), (level) =>
          Promise.all(level.map(({ type, outputs }) => host.delete(type, outputs))),
        );
      }),
    ];
  } finally {
    await proxy.close();
  }
}

/** `DIFF_NONE` of the protocol. */
const NO_CHANGES = 1;

async function accepted(host: Host, type: string, inputs: Properties, olds: Properties = {}): Promise<void> {
  const { failures } = await host.check(type, inputs, olds);
  if (failures.length > 0) throw new Error(`a ${type} is refused: ${failures.join("; ")}`);
}

async function measure(
  operation: string,
  proxy: DelayingProxy,
  { superuser, password }: Server,
  work: (host: Host) => Promise<void>,
): Promise<Cost> {
  const host = await Host.start({
    ...{ "pgmob:host": proxy.host, "pgmob:port": String(proxy.port) },
    ...{ "pgmob:user": superuser, "pgmob:password": password, "pgmob:sslMode": "disable" },
  });
  try {
    proxy.reset();
    const seconds = await secondsOf(() => work(host));
    return { operation, seconds, connections: proxy.accepted, roundTrips: proxy.roundTrips, depth: proxy.depth };
  } finally {
    await host.stop();
  }
}
