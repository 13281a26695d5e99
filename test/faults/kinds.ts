/** The kinds of faults, and what each does at the moment that it is let loose. */

import { setTimeout as sleep } from "node:timers/promises";
import type { PropertyMap } from "../engine/values";
import type { Deployment } from "./deployment";
import type { Ground } from "./ground";
import type { Trouble } from "./tools";
import { type Act, COMMIT, type Link } from "./wire";

/** The operations of a stack that faults happen in. */
export const PHASES = ["up", "change", "refresh", "destroy"] as const;
/** One of them: `change` is an `up` of a program that was changed. */
export type Phase = (typeof PHASES)[number];

/** What a fault may need to know and do. */
export interface Scene {
  readonly ground: Ground;
  readonly deployment: Deployment;
  readonly phase: Phase;
  /** At which request, or hook, it happens. */
  readonly at: number;
  /** A number from 0 up to, but not including, this one. */
  random(below: number): number;
}

/** A fault that is let loose. */
export interface Loose {
  /** Takes it away, so that the next operation finds everything as it should be. Returns whether it has happened. */
  over(): Promise<boolean>;
}

/** A kind of fault. */
export interface Kind {
  readonly name: string;
  /** In which phases it makes sense. Default: all. */
  readonly phases?: readonly Phase[];
  /** Settings of the provider while it is let loose. */
  readonly settings?: PropertyMap;
  /** What its `at` counts: requests of any sort (the default), COMMITs, hooks, or nothing. */
  readonly counts?: "requests" | "commits" | "hooks" | "nothing";
  /** What an operation that it happened in may say, beside what every fault of a connection leads to. */
  readonly says?: RegExp;
  /** Whether the operation must fail. */
  readonly fatal?: true;
  /** How much time it takes, compared with a cut connection. */
  readonly cost: number;
  letLoose(scene: Scene): Promise<Loose>;
}

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

const connectionKinds: Kind[] = Object.entries(CUTS).flatMap(([name, act]): Kind[] => [
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
  letLoose: atRequest(({ ground }) => async (link, request) => {
    await ground.own.ask("SELECT pg_terminate_backend($1)", {}, [link.pid]);
    await link.pass(request);
  }),
};

const cancelled: Kind = {
  name: "statement cancelled",
  cost: 1,
  says: /canceling statement due to user request|was interrupted: cancelled|terminated by signal 2/,
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

/** Something outside that begins at a request, while the request waits for it or not. */
function outside(begin: (scene: Scene) => Promise<unknown>, end: (scene: Scene) => Promise<unknown>): Kind["letLoose"] {
  return async (scene) => {
    let begun: Promise<unknown> | undefined;
    scene.ground.proxy.set({
      at: scene.at,
      act: async (link, request) => {
        await link.pass(request);
        begun = begin(scene);
        await begun;
      },
    });
    return {
      over: async () => {
        const happened = scene.ground.proxy.clear();
        await begun;
        if (happened) await end(scene);
        return happened;
      },
    };
  };
}

const killedServer: Kind = {
  name: "server killed (-9)",
  cost: 6,
  letLoose: outside(
    async ({ ground }) => {
      await ground.own.server.kill();
      await ground.own.server.start();
    },
    async () => undefined,
  ),
};

const downServer: Kind = {
  name: "server killed, down till the end",
  cost: 20,
  settings: { connectTimeout: "300ms" },
  letLoose: outside(
    ({ ground }) => ground.own.server.kill(),
    ({ ground }) => ground.own.server.start(),
  ),
};

const killedHost: Kind = {
  name: "provider host killed (-9)",
  cost: 4,
  says: /UNAVAILABLE|ECONNRE|dropped|not connect|exit status|Connection/i,
  letLoose: outside(
    ({ ground }) => ground.killHost(),
    async () => undefined,
  ),
};

const killedEngine: Kind = {
  name: "engine killed: state lost",
  cost: 4,
  counts: "hooks",
  says: /the engine is gone|UNAVAILABLE|ECONNRE|dropped|not connect|Connection/i,
  letLoose: async ({ ground, deployment, at }) => {
    let [left, died] = [at, false];
    deployment.dies = async () => {
      left -= 1;
      if (left > 0) return false;
      died = true;
      await ground.killHost(); // it ends with the engine
      return true;
    };
    return {
      over: async () => {
        deployment.dies = async () => false;
        return died;
      },
    };
  },
};

/** What the shared catalogues are written in by the program. */
const CATALOGUES = ["pg_authid", "pg_auth_members", "pg_database", "pg_db_role_setting", "pg_shdescription"];
/** What is exempt from timeouts waits so long for a lock, in milliseconds. */
const HELD_MS = 2000;

function locked(name: string, settings: PropertyMap, says: RegExp): Kind {
  return {
    name,
    settings,
    says,
    phases: ["up", "change", "destroy"],
    cost: 3,
    letLoose: async ({ ground, at, random }) => {
      const holder = await ground.session();
      const free = () => holder.end().catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      ground.proxy.set({
        at,
        act: async (link, request) => {
          // Whoever holds a lock that this one waits for must not be held up by it.
          await holder.query("SET lock_timeout = '1s'; BEGIN");
          const taken = await holder
            .query(`LOCK TABLE pg_catalog.${CATALOGUES[random(CATALOGUES.length)]} IN SHARE MODE`)
            .then(() => true, free);
          if (taken === true) timer = setTimeout(free, HELD_MS);
          await link.pass(request);
        },
      });
      return {
        over: async () => {
          clearTimeout(timer);
          await free();
          return ground.proxy.clear();
        },
      };
    },
  };
}

const lockTimeout = locked("lock timeout", { lockTimeout: "150ms" }, /canceling statement due to lock timeout/);
const statementTimeout = locked(
  "statement timeout",
  { lockTimeout: "0", statementTimeout: "700ms" },
  /canceling statement due to statement timeout|was interrupted: .*longer than it may take|terminated by signal 2/,
);

const noSlots: Kind = {
  name: "too many connections",
  cost: 3,
  settings: { connectTimeout: "300ms" },
  letLoose: async ({ ground, at }) => {
    const sessions: { end(): Promise<void> }[] = [];
    const fill = async () => {
      for (;;) {
        const session = await ground.session().catch(() => undefined);
        if (session === undefined) return;
        sessions.push(session);
      }
    };
    ground.proxy.set({
      at,
      act: async (link, request) => {
        await fill();
        await link.pass(request);
      },
    });
    return {
      over: async () => {
        const happened = ground.proxy.clear();
        await Promise.all(sessions.map((session) => session.end().catch(() => undefined)));
        return happened;
      },
    };
  },
};

const standby: Kind = {
  name: "a standby instead of a primary",
  counts: "nothing",
  cost: 6,
  says: /cannot execute .* in a read-only transaction.*The server is read-only \(a standby\): connect to the primary/,
  letLoose: async ({ ground }) => {
    await ground.demote();
    return {
      over: async () => {
        await ground.promote();
        return true;
      },
    };
  },
};

function disk(what: Trouble): Kind {
  return {
    name: `pg_hba.conf: ${what}`,
    phases: ["up", "change", "destroy"],
    counts: "nothing",
    cost: 2,
    fatal: true,
    says: /pg_hba\.conf/,
    letLoose: async ({ ground: { tools } }) => {
      tools.trouble(what);
      return {
        over: async () => {
          tools.trouble(undefined);
          return true;
        },
      };
    },
  };
}

/** Every kind. */
export const KINDS: readonly Kind[] = [
  ...connectionKinds,
  terminated,
  cancelled,
  killedServer,
  downServer,
  killedHost,
  killedEngine,
  lockTimeout,
  statementTimeout,
  noSlots,
  standby,
  ...(["no room to copy", "no room to write", "no room to rename", "read-only"] as const).map(disk),
];
