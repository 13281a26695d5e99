/** Faults of what is around: servers, hosts and engines that are killed, locks, limits, standbys, disks. */

import type { PropertyMap } from "../engine/values";
import { CANNOT, type Kind, type Scene } from "./kind";
import type { Trouble } from "./tools";

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

const POSTMASTER = "terminating connection due to unexpected postmaster exit";
const SERVER_GONE = `${CANNOT}${POSTMASTER}$`;

const killedServer: Kind = {
  name: "server killed (-9)",
  cost: 6,
  says: new RegExp(
    `${SERVER_GONE}|lost at COMMIT, .*\\. the server has crashed since, or is another one\\. (Look at the server|What was being run)`,
  ),
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
  says: new RegExp(
    `cannot connect as .*: (Connection terminated unexpectedly|read ECONNRESET|${POSTMASTER})\\. Check that the server is running there|${SERVER_GONE}`,
  ),
  letLoose: outside(
    ({ ground }) => ground.own.server.kill(),
    ({ ground }) => ground.own.server.start(),
  ),
};

/** What the gRPC client of an engine says when the host has ended. */
const HOST_GONE = /^(Connection dropped|read ECONNRESET|No connection established\b.*)$/;

const killedHost: Kind = {
  name: "provider host killed (-9)",
  cost: 4,
  says: HOST_GONE,
  letLoose: outside(
    ({ ground }) => ground.killHost(),
    async () => undefined,
  ),
};

const killedEngine: Kind = {
  name: "engine killed: state lost",
  cost: 4,
  counts: "hooks",
  says: new RegExp(`^the engine is gone$|${HOST_GONE.source}`),
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
      const holder = await ground.own.session();
      const free = () => holder.end().catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      ground.proxy.set({
        at,
        act: async (link, request) => {
          // Whoever holds a lock that this one waits for must not be held up by it.
          await holder.query("SET lock_timeout = '1s'; BEGIN");
          // While it waits for the lock itself, others wait behind it.
          await holder
            .query(`LOCK TABLE pg_catalog.${CATALOGUES[random(CATALOGUES.length)]} IN SHARE MODE`)
            .then(() => {
              timer = setTimeout(free, HELD_MS);
            }, free);
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

const lockTimeout = locked(
  "lock timeout",
  { lockTimeout: "150ms" },
  /canceling statement due to lock timeout\. Another session holds a lock on it/,
);
const statementTimeout = locked(
  "statement timeout",
  { lockTimeout: "0", statementTimeout: "700ms" },
  /canceling statement due to statement timeout\. It took longer than|was interrupted: .*longer than it may take|child process was terminated by signal 2: Interrupt$/,
);

const noSlots: Kind = {
  name: "too many connections",
  cost: 3,
  says: /cannot connect as .*: (sorry, too many clients already|remaining connection slots are reserved for .*)\. Wait for other sessions to end/,
  settings: { connectTimeout: "300ms" },
  letLoose: async ({ ground, at }) => {
    const sessions: { end(): Promise<void> }[] = [];
    const fill = async () => {
      for (;;) {
        const session = await ground.own.session().catch(() => undefined);
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
  says: /cannot execute .* (in a read-only transaction|during recovery).*The server is read-only \(a standby\): connect to the primary/,
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
    says: /^pg_hba\.conf \(.*\): the server's user cannot write a new file beside it, or there is no room for one\. Let the folder/,
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

/** Every kind of them. */
export const surroundingKinds: readonly Kind[] = [
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
