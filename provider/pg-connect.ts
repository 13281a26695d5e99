/** Opens one connection: TLS and logins as libpq means them, bounded retries while a server starts. */

import { backOff } from "exponential-backoff";
import { Client } from "pg";
import { Authentication } from "./authentication";
import { methodsOf } from "./authentication-rules";
import { bothFailed, connectError, isTransient, isWithoutTls } from "./connect-errors";
import { ConnectionError, PostgresError } from "./errors";
import { passwordFiled, passwordSet } from "./password-source";
import { cut } from "./pg-abandon";
import { answerAsLibpq } from "./scram";
import type { ResolvedSettings } from "./settings";
import { type Attempt, tlsAttempts } from "./tls";

/** A connection, and which session of the server it has. */
export interface Opened {
  readonly client: Client;
  /** The process id that the server itself tells. */
  readonly pid: number;
  /** Whether there is a pooler in between: it has told another process id when connecting. */
  readonly pooled: boolean;
}

/**
 * How long nothing may be heard before it is asked whether the other side is there still. The system's own is two hours,
 * which is how long a statement would wait whose connection a firewall has forgotten.
 */
const KEEP_ALIVE_MS = 30_000;

/**
 * Connects, trying again while the server is not there, still starting, or out of connection slots, for
 * `connectTimeout` at most.
 *
 * @param start is given the session before anything is set in it, and sets what is to be
 */
export async function openClient(
  settings: ResolvedSettings,
  database: string,
  start: (opened: Opened) => Promise<void>,
): Promise<Opened> {
  const deadline = settings.connectTimeout === 0 ? Number.POSITIVE_INFINITY : Date.now() + settings.connectTimeout;
  const secrets: string[] = [];
  try {
    // Before the server is asked: whatever makes the password may take its time, and may change it there.
    const password = await passwordSet(settings, database, left(deadline));
    if (password !== undefined) secrets.push(password);
    const way: Way = { settings, database, deadline, password, secrets, start };
    return await backOff(() => tryTls(way), {
      numOfAttempts: Number.POSITIVE_INFINITY,
      startingDelay: 50,
      maxDelay: 1000,
      jitter: "full",
      retry: (error) => isTransient(error) && Date.now() < deadline,
    });
  } catch (error) {
    throw connectError(error, settings, database, secrets);
  }
}

/** What is left of the time to connect: a second at least, in milliseconds. */
function left(deadline: number): number {
  return deadline === Number.POSITIVE_INFINITY ? deadline : Math.max(deadline - Date.now(), 1000);
}

interface Way {
  readonly settings: ResolvedSettings;
  readonly database: string;
  readonly deadline: number;
  /** The password, unless the file is to be asked for it. */
  readonly password: string | undefined;
  /** Every password that was tried. */
  readonly secrets: string[];
  readonly start: (opened: Opened) => Promise<void>;
}

/** An attempt that failed before the server let us in, so that another kind of connection may fare better. */
class NotLetIn {
  constructor(readonly reason: unknown) {}
}

/** The settings of servers that have said that they have no TLS: `pg` cannot go on with a connection that has heard this. */
const withoutTls = new WeakSet<ResolvedSettings>();

async function tryTls(way: Way): Promise<Opened> {
  const { settings } = way;
  const attempts = tlsAttempts(settings);
  // Should it have TLS by now and insist on it, the second attempt has it.
  const [first, second] = withoutTls.has(settings) ? attempts.reverse() : attempts;
  try {
    return await attempt(way, first?.() ?? false);
  } catch (error) {
    if (!(error instanceof NotLetIn)) throw error;
    const { reason } = error;
    if (settings.sslMode === "prefer" && isWithoutTls((reason as Error).message)) withoutTls.add(settings);
    if (second === undefined || isTransient(reason)) throw reason;
    const options = second();
    return await attempt(way, options).catch((again: unknown) => {
      throw again instanceof NotLetIn ? bothFailed(reason, again.reason, options !== false) : again;
    });
  }
}

async function attempt(way: Way, ssl: Attempt): Promise<Opened> {
  const { settings, database, secrets } = way;
  const limit = left(way.deadline);
  const client = new Client({
    host: settings.hostAddress ?? settings.host,
    port: settings.port,
    user: settings.user,
    // A function in every case: without one, pg would look for a password by itself.
    password: () => authentication.answer(password),
    database,
    ssl,
    sslnegotiation: ssl === false ? "postgres" : settings.sslNegotiation,
    enableChannelBinding: ssl !== false && settings.channelBinding !== "disable",
    application_name: settings.applicationName,
    options: settings.options,
    connectionTimeoutMillis: limit === Number.POSITIVE_INFINITY ? 0 : limit,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  } as ConstructorParameters<typeof Client>[0]);
  const password = async () => {
    const found = way.password ?? (await passwordFiled(settings, database));
    secrets.push(found);
    answerAsLibpq(client, found);
    return found;
  };
  const { channelBinding, requireAuth } = settings;
  const authentication = new Authentication(client, { channelBinding, requireAuth: methodsOf(requireAuth) });
  client.on("error", () => {}); // a lost idle connection is noticed by whoever uses it next
  try {
    await client.connect();
    if (authentication.refusal !== undefined) throw authentication.refusal; // the server may have been quicker
    const opened = await identify(client, settings);
    await way.start(opened);
    return opened;
  } catch (reason) {
    const error = authentication.refusal ?? reason;
    // Who was not let in is not waited for: after a failed handshake the driver would never tell that it has ended.
    if (authentication.done) await client.end().catch(() => {});
    else cut(client);
    // What went wrong on this side would go wrong again.
    throw authentication.done || error instanceof PostgresError ? error : new NotLetIn(error);
  }
}

async function identify(client: Client, settings: ResolvedSettings): Promise<Opened> {
  const { rows } = await client.query<{ pid: number; standby: boolean; readOnly: boolean }>(
    `SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.pg_is_in_recovery() AS standby,
            pg_catalog.current_setting('transaction_read_only')::bool AS "readOnly"`,
  );
  const [{ pid, standby, readOnly }] = rows as [{ pid: number; standby: boolean; readOnly: boolean }];
  refuseTarget(settings, standby, readOnly);
  const { processID } = client as unknown as { processID: number | null };
  return { client, pid, pooled: processID !== pid };
}

function refuseTarget({ targetSession }: ResolvedSettings, standby: boolean, readOnly: boolean): void {
  const fits = {
    any: true,
    "prefer-standby": true,
    ...{ primary: !standby, standby, "read-only": readOnly, "read-write": !readOnly },
  }[targetSession];
  if (fits) return;
  const is = `${standby ? "a standby" : "a primary"}${readOnly && !standby ? " whose sessions are read-only" : ""}`;
  throw new ConnectionError(`it is ${is}, and target_session_attrs (PGTARGETSESSIONATTRS) is ${targetSession}`);
}
