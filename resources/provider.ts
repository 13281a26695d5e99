import * as pulumi from "@pulumi/pulumi";
import type { PreviewSettings } from "../provider/preview/settings";
import type { ConnectionSettings } from "../provider/settings";
import type { InputsOf } from "./inputs";
import { requestSql } from "./shown-sql";

/** Where and how a {@link Provider} connects. What is not set comes from `PG*` variables and libpq's files. */
export interface ProviderArgs extends InputsOf<ConnectionSettings & PreviewSettings> {}

/** Every argument, and whether it is secret without the user's marking it. */
const ARGUMENTS: Readonly<Record<keyof ProviderArgs, "plain" | "secret">> = {
  host: "plain",
  port: "plain",
  user: "plain",
  password: "secret",
  passwordCommand: "plain",
  database: "plain",
  url: "secret",
  sslMode: "plain",
  sslRootCert: "plain",
  sslCert: "plain",
  sslKey: "secret",
  connectTimeout: "plain",
  statementTimeout: "plain",
  lockTimeout: "plain",
  applicationName: "plain",
  become: "plain",
  maxConnections: "plain",
  passwordEncryption: "plain",
  showSql: "plain",
  previewChecks: "plain",
};

/**
 * A PostgreSQL server: the connection of every resource that names it as `provider`. Changing an argument changes the
 * connection, never the objects; a rotated password is one update of the Provider.
 *
 * Without a Provider the connection comes from the stack's config (`pgmob:host`, `pgmob:user`, …); an explicit Provider
 * takes nothing from there.
 *
 * @example
 * const config = new pulumi.Config();
 * const prod = new pgmob.Provider("prod", {
 *   host: "db.internal",
 *   user: "deployer",
 *   password: config.requireSecret("dbPassword"),
 * });
 * const app = new pgmob.Role("app", { login: true }, { provider: prod });
 */
export class Provider extends pulumi.ProviderResource {
  /**
   * @param name the name of the resource
   * @param args where and how to connect
   */
  constructor(name: string, args: ProviderArgs = {}, options?: pulumi.ResourceOptions) {
    if (args.showSql !== undefined && args.showSql !== false && args.showSql !== "false") requestSql();
    const inputs = Object.entries(args).flatMap(([key, value]) => {
      const kind = ARGUMENTS[key as keyof ProviderArgs];
      // No hook ever sees a Provider's arguments: a misspelt one would be ignored without a word.
      if (kind === undefined)
        throw new TypeError(`Provider ${JSON.stringify(name)} has no argument ${JSON.stringify(key)}`);
      if (value === undefined) return [];
      const text = pulumi.output(value).apply((known) => (known === undefined || known === null ? "" : String(known)));
      return [[`pgmob:${key}`, kind === "secret" ? pulumi.secret(text) : text]];
    });
    super("pulumi-nodejs", name, Object.fromEntries(inputs), options);
  }
}
