/** Faults of connections: cut, hanging, their answers lost, their sessions terminated, their statements cancelled. */

import { setTimeout as sleep } from "node:timers/promises";
import { CANNOT, type Kind, type Scene } from "./kind";
import { type Act, COMMIT, type Link } from "./wire";

/** How long a connection hangs before it is cut, as the network would do sooner or later. */
const HANG_MS = 300;

/** Something that happens at a request. */
function atRequest(act: (scene: Scene) => Act): Kind["letLoose"] {
  return async (scene) => {
    const { proxy } = scene.ground;
    proxy.set({ at: scene.at, act: act(scene) });
    return { over: async () => proxy.clear() };
  };
}

const CUTS: Record<string, Act> = {
  "cut before": (link) => link.cut(),
  "cut during": async (link, request) => {
    await link.pass(request.subarray(0, Math.ceil(request.length / 2)));
    link.cut();
  },
  "cut at once": async (link, request) => {
    await link.pass(request);
    link.cut();
  },
  "answer lost": async (link, request) => {
    await answerTo(link, request);
    link.cut();
  },
  "hangs before": async (link) => {
    link.mute = true;
    await sleep(HANG_MS);
    link.cut();
  },
  "hangs after": async (link, request) => {
    await answerTo(link, request);
    await sleep(HANG_MS);
    link.cut();
  },
};

/** Lets the server do what it is asked to, without a word of it to the client. */
async function answerTo(link: Link, request: Buffer): Promise<void> {
  link.mute = true;
  const answered = link.answered();
  await link.pass(request);
  await answered;
}

/** What happens to connections, and to what is under way on them. */
const cuts: Kind[] = Object.entries(CUTS).flatMap(([name, act]): Kind[] => [
  { name: `connection: ${name}`, cost: 1, letLoose: atRequest(() => act) },
  {
    name: `COMMIT: ${name}`,
    counts: "commits",
    phases: ["up", "change", "destroy"],
    cost: 1,
    letLoose: async ({ ground: { proxy }, at }) => {
      proxy.set({ at, of: COMMIT, act });
      return { over: async () => proxy.clear() };
    },
  },
]);

const terminated: Kind = {
  name: "session terminated",
  cost: 1,
  says: /: cannot (create|drop): terminating connection due to administrator command$/,
  letLoose: atRequest(({ ground }) => async (link, request) => {
    await ground.own.ask("SELECT pg_terminate_backend($1)", {}, [link.pid]);
    await link.pass(request);
  }),
};

const cancelled: Kind = {
  name: "statement cancelled",
  cost: 1,
  // What is in no transaction, a slot, may have come to be there before the cancellation.
  says: new RegExp(
    [
      String.raw`^replication slot ".*": cannot create: it exists already\. Set adopt`,
      `${CANNOT}canceling statement due to user request(\\. Somebody has cancelled it: run the same again)?$`,
      "was interrupted: cancelled|child process was terminated by signal 2: Interrupt$",
    ].join("|"),
  ),
  letLoose: async ({ ground, at }) => {
    let hit = false;
    const act: Act = async (link, request) => {
      const answered = link.answered();
      const { onMessage } = link;
      link.onMessage = (type, body) => {
        // A program that the server runs is interrupted itself.
        hit ||= type === "E" && /C57014\0|exit code 90|signal 2/.test(body.toString("latin1"));
        onMessage?.(type, body);
      };
      await link.pass(request);
      await link.cancel(ground.own.server.port);
      await answered;
      if (!hit && !ended) ground.proxy.set({ at: 1, act }); // it was too quick: the next one then
    };
    let ended = false;
    ground.proxy.set({ at, act });
    return {
      over: async () => {
        ended = true;
        ground.proxy.clear();
        return hit;
      },
    };
  },
};

/** Every kind of them. */
export const connectionKinds: readonly Kind[] = [...cuts, terminated, cancelled];
