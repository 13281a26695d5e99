import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ProgramError } from "../../../provider/backup/process";
import { type Detour, relayed } from "../../../provider/backup/relay";

/** Where a program connects to that is led somewhere: a Unix socket, or a port and an address. */
function placeOf({ PGHOST = "", PGHOSTADDR, PGPORT = "5432" }: Detour): [path: string] | [port: string, host: string] {
  return PGHOSTADDR === undefined ? [join(PGHOST, `.s.PGSQL.${PGPORT}`)] : [PGPORT, PGHOSTADDR];
}

function dial(detour: Detour): Socket {
  const [where, host] = placeOf(detour);
  return host === undefined ? connect(where) : connect(Number(where), host);
}

/** What a program does: connects where it is told to, says something, hears the answer, and is gone. */
async function talk(detour: Detour, text: string): Promise<string> {
  const socket = dial(detour);
  socket.end(text);
  let heard = "";
  for await (const chunk of socket) heard += chunk;
  return heard;
}

describe("the way of programs to the server", () => {
  let folder: string;
  /** What the server does with each connection. */
  let serve: (socket: Socket) => void;
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket.on("error", () => {})));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pgmob-test-"));
    serve = (socket) => socket.pipe(socket);
  });

  afterEach(async () => {
    delete process.env.PGREQUIREPEER;
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  /** Listens, on TCP or on a Unix socket, and tells how a program would be led there. */
  async function listen(on: "TCP" | "Unix socket"): Promise<Parameters<typeof relayed>[0]> {
    if (on === "TCP") server.listen(0, "127.0.0.1");
    else server.listen(join(folder, ".s.PGSQL.5432"));
    await once(server, "listening");
    const port = on === "TCP" ? (server.address() as AddressInfo).port : 5432;
    return {
      host: on === "TCP" ? "db.example.com" : folder,
      hostAddress: on === "TCP" ? "127.0.0.1" : undefined,
      port,
    };
  }

  for (const on of ["TCP", "Unix socket"] as const) {
    it(`passes on what both say, several at a time (${on})`, async () => {
      const settings = await listen(on);
      const texts = ["a", "b".repeat(3_000_000), "c"];
      const heard = await relayed(settings, (detour) => Promise.all(texts.map((text) => talk(detour, text))));
      assert.deepEqual(heard, texts);
    });

    it(`brings the last words of a server that closes the connection at once, to whoever is slow to hear (${on})`, async () => {
      const settings = await listen(on);
      const words = "x".repeat(5_000_000);
      serve = (socket) => socket.resume().end(words);
      const heard = await relayed(settings, async (detour) => {
        const socket = dial(detour);
        socket.write("from somebody who has not finished");
        await sleep(300);
        let length = 0;
        for await (const chunk of socket) length += (chunk as Buffer).length;
        return length;
      });
      assert.equal(heard, words.length);
    });

    it(`is over when the server has closed the connection, and not when the program is gone (${on})`, async () => {
      const settings = await listen(on);
      let gone = 0;
      let closed = 0;
      serve = (socket) => {
        socket.resume().on("end", async () => {
          gone = performance.now();
          await sleep(600);
          closed = performance.now();
          socket.end();
        });
      };
      await relayed(settings, async (detour) => {
        const program = spawn(process.execPath, ["-e", LEAVES_AT_ONCE, ...placeOf(detour)]);
        assert.deepEqual(await once(program, "close"), [0, null]);
      });
      const over = performance.now();
      assert.ok(closed > gone + 500, "the server has taken its time");
      assert.ok(over >= closed);
    });
  }

  it("leads to the socket of the host, by the name that its certificate has, or to a folder of one's own", async () => {
    await relayed(await listen("TCP"), async (detour) => {
      assert.deepEqual(Object.keys(detour), ["PGHOSTADDR", "PGPORT"]);
      assert.equal(detour.PGHOSTADDR, "127.0.0.1");
    });
    await new Promise((resolve) => server.close(resolve));
    const own = await relayed(await listen("Unix socket"), async ({ PGHOST = "", ...others }) => {
      assert.deepEqual(others, {});
      assert.equal(statSync(PGHOST).mode & 0o777, 0o700);
      return PGHOST;
    });
    assert.ok(!existsSync(own));
  });

  it("is none where the program is to look at whose the socket is (PGREQUIREPEER)", async () => {
    const settings = await listen("Unix socket");
    process.env.PGREQUIREPEER = "postgres";
    assert.deepEqual(await relayed(settings, async (detour) => detour), {});
  });

  it("ends a session whose program is gone in the middle of an answer, and does not hear it to its end", async () => {
    const settings = await listen("TCP");
    let broken: Promise<unknown> | undefined;
    serve = (socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65536)));
      };
      socket.resume().on("drain", more);
      broken = new Promise((resolve) => socket.once("close", resolve));
      more();
    };
    await relayed(settings, async (detour) => {
      const socket = dial(detour);
      await once(socket, "data");
      socket.destroy();
    });
    await broken;
  });

  it("passes the program's failure on, with why there is no server", async () => {
    const settings = await listen("TCP");
    await assert.rejects(
      relayed(settings, async () => {
        throw new Error("of the program");
      }),
      /of the program/,
    );
    await new Promise((resolve) => server.close(resolve));
    const dump = relayed(settings, async (detour) => {
      assert.equal(await talk(detour, "anybody?").catch(() => ""), "");
      throw new ProgramError("pg_dump", 1, "pg_dump: error: nobody answers");
    });
    const told =
      "pg_dump ended with exit code 1. pg_dump: error: nobody answers. The server itself: connect ECONNREFUSED 127.0.0.1:";
    await assert.rejects(
      dump,
      ({ message }: Error) => message.includes(`${told}${settings.port}`) || assert.fail(message),
    );
  });
});

/** A program that says goodbye, and does not wait. */
const LEAVES_AT_ONCE = `
  const socket = require("node:net").connect(...process.argv.slice(1).map((one) => /^\\d+$/.test(one) ? Number(one) : one));
  socket.on("connect", () => socket.write("goodbye", () => process.exit()));
`;
