/** How a client program connects: by its environment, so that no list of processes shows anything of it. */

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../cluster";
import type { Environment } from "../connection-parameters";
import { InvalidValueError } from "../errors";
import { passwordIfAny } from "../password-source";
import type { ResolvedSettings } from "../settings";
import { isPem } from "../tls";

/** A connection string with nothing but the database's name, whatever is in that: a bare name may be read as more. */
export function databaseArgument(database: string): string {
  return `--dbname=dbname='${database.replace(/['\\]/g, "\\$&")}'`;
}

/** The settings that a cluster connects with. Throws an InvalidValueError for one over a lent connection. */
export function settingsOf(cluster: Cluster): ResolvedSettings {
  const { settings } = cluster.adapter;
  if (settings !== undefined) return settings;
  throw new InvalidValueError("a lent connection does not tell how a program of PostgreSQL could connect", {
    remedy: "Connect with Cluster.connect({ host, user, password, … })",
  });
}

/** What of the environment speaks about another connection than the cluster's. */
const FOREIGN = ["PGSERVICE", "PGSERVICEFILE", "PGCLIENTENCODING"];

/** Runs a task with the environment of a program that connects as the cluster does. */
export async function withEnvironment<T>(
  settings: ResolvedSettings,
  database: string,
  task: (env: Record<string, string | undefined>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "pgmob-client-"));
  try {
    await chmod(folder, 0o700);
    const file = async (name: string, value: string | undefined) => {
      if (!isPem(value)) return value;
      await writeFile(join(folder, name), value, { mode: 0o600 });
      return join(folder, name);
    };
    const env: Record<string, string | undefined> = { ...process.env };
    const own: Environment = {
      PGHOST: settings.host,
      PGHOSTADDR: settings.hostAddress,
      PGPORT: String(settings.port),
      PGUSER: settings.user,
      PGPASSWORD: await passwordIfAny(settings, database, settings.connectTimeout || undefined),
      PGSSLMODE: settings.sslMode,
      PGSSLROOTCERT: await file("root.crt", settings.sslRootCert),
      PGSSLCERT: await file("client.crt", settings.sslCert),
      PGSSLKEY: await file("client.key", settings.sslKey),
      PGSSLCRL: settings.sslCrl,
      PGSSLNEGOTIATION: settings.sslNegotiation === "direct" ? "direct" : undefined,
      PGSSLMINPROTOCOLVERSION: settings.sslMinVersion,
      PGSSLMAXPROTOCOLVERSION: settings.sslMaxVersion,
      PGCHANNELBINDING: settings.channelBinding,
      PGREQUIREAUTH: settings.requireAuth,
      PGTARGETSESSIONATTRS: settings.targetSession,
      PGOPTIONS: settings.options,
      PGAPPNAME: settings.applicationName,
      PGCONNECT_TIMEOUT: String(Math.ceil(settings.connectTimeout / 1000)),
    };
    for (const name of FOREIGN) delete env[name];
    for (const [name, value] of Object.entries(own)) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
    return await task(env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
