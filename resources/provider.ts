import * as pulumi from "@pulumi/pulumi";
import type { ConnectionSettings } from "../provider/settings";
import type { InputsOf } from "./inputs";

/** Where and how a {@link Provider} connects. What is not set comes from `PG*` variables. */
export interface ProviderArgs extends InputsOf<ConnectionSettings> {}

/** Arguments that are secret without the user's marking them. */
const SECRETS = new Set<keyof ConnectionSettings>(["password", "url", "sslKey"]);

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
    const inputs = Object.entries(args).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const text = pulumi.output(value).apply((known) => (known === undefined || known === null ? "" : String(known)));
      return [[`pgmob:${key}`, SECRETS.has(key as keyof ConnectionSettings) ? pulumi.secret(text) : text]];
    });
    super("pulumi-nodejs", name, Object.fromEntries(inputs), options);
  }
}
