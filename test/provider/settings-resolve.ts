/** Settings resolved in an environment of a test's own, and what they are where nothing is set. */

import { type CoreSettings, type ResolvedSettings, resolveSettings } from "../../provider/settings";

export type Environment = Record<string, string>;

/** The home of whoever the settings are resolved for. */
export const HOME = "/home/of-nobody";

/** What the settings come to for somebody named `system`. */
export function resolve(given: CoreSettings = {}, env: Environment = {}, home = HOME): ResolvedSettings {
  return resolveSettings(given, env, { name: "system", home });
}

/** What is so where nothing is set. */
export const DEFAULTS: ResolvedSettings = {
  host: "localhost",
  hostAddress: undefined,
  port: 5432,
  user: "system",
  password: undefined,
  passwordCommand: undefined,
  passwordFile: `${HOME}/.pgpass`,
  database: "postgres",
  sslMode: "prefer",
  sslRootCert: undefined,
  sslCert: undefined,
  sslKey: undefined,
  sslCrl: undefined,
  sslNegotiation: "postgres",
  sslMinVersion: "TLSv1.2",
  sslMaxVersion: undefined,
  tlsFolder: `${HOME}/.postgresql`,
  channelBinding: "prefer",
  requireAuth: undefined,
  options: undefined,
  targetSession: "any",
  connectTimeout: 10_000,
  statementTimeout: 0,
  lockTimeout: 10_000,
  applicationName: "pulumi-pgmob",
  become: undefined,
  maxConnections: 10,
  passwordEncryption: "scram-sha-256",
};

/** What each source alone gives for what has no setting of its own. */
export const WITHOUT_SETTING: [name: keyof ResolvedSettings, url: unknown, env: unknown][] = [
  ["passwordFile", "url-passfile", "env-passfile"],
  ["options", "-c url=1", "-c env=1"],
  ["targetSession", "any", "primary"],
  ["requireAuth", "!none", "scram-sha-256"],
  ["channelBinding", "prefer", "require"],
  ["sslCrl", "url-crl", "env-crl"],
  ["sslNegotiation", "postgres", "direct"],
  ["sslMinVersion", "TLSv1", "TLSv1.3"],
  ["sslMaxVersion", "TLSv1.2", "TLSv1.3"],
];
