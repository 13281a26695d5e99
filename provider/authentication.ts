/** Keeps the rules about how a server may ask who we are, before anything is sent. */

import type { Client } from "pg";
import type { AuthenticationRules } from "./authentication-rules";
import { ConnectionError } from "./errors";

/** What `pg` tells of the exchange, as it comes; it has no public way to listen to it. */
interface Exchange {
  readonly stream: { destroy(error: Error): void };
  on(event: string, listener: (message: { mechanisms?: string[] }) => void): unknown;
}

/** Watches one login. Listens before the client itself does, so that a refusal comes before an answer. */
export class Authentication {
  /** Whether the server has let us in. */
  done = false;
  /** Why the server was not answered; undefined when it was. */
  refusal: ConnectionError | undefined;
  private method = "none";
  private bound = false;

  constructor(
    client: Client,
    private readonly rules: AuthenticationRules,
  ) {
    const exchange = (client as unknown as { connection: Exchange }).connection;
    const asked = (method: string) => this.ask(exchange, method);
    exchange.on("authenticationCleartextPassword", () => asked("password"));
    exchange.on("authenticationMD5Password", () => asked("md5"));
    exchange.on("authenticationSASL", ({ mechanisms = [] }) => {
      this.bound = mechanisms.includes("SCRAM-SHA-256-PLUS");
      asked("scram-sha-256");
    });
    exchange.on("authenticationOk", () => {
      if (this.method === "none") asked("none");
      this.done = this.refusal === undefined;
    });
  }

  /** Runs a task that answers the server, unless it was refused. */
  async answer<T>(task: () => Promise<T>): Promise<T> {
    if (this.refusal !== undefined) throw this.refusal;
    return task();
  }

  private ask(exchange: Exchange, method: string): void {
    this.method = method;
    const { requireAuth, channelBinding } = this.rules;
    const called = method === "none" ? "for nothing" : `for ${method}`;
    if (requireAuth !== undefined && !requireAuth.includes(method)) {
      this.refusal = new ConnectionError(`the server asks ${called}, which require_auth (PGREQUIREAUTH) rules out`);
    } else if (channelBinding === "require" && !this.bound) {
      this.refusal = new ConnectionError(
        `the server asks ${called}, and not for channel binding, which channel_binding (PGCHANNELBINDING) requires`,
      );
    }
    if (this.refusal !== undefined) exchange.stream.destroy(this.refusal);
  }
}
