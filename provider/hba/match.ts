/** Whether a rule decides about a login. Pure; what cannot be known from here is `unknown`, never guessed. */

import { ipOf, isIn, networkOf } from "./address";
import { isKeyword } from "./items";
import type { HbaRule, HbaUser } from "./types";

/** A login as the server sees it. */
export interface Login {
  readonly user: string;
  readonly database: string;
  /** The client's IP address; undefined for the Unix socket. */
  readonly address: string | undefined;
  /** The address of the server that the connection is to. */
  readonly serverAddress: string | undefined;
  readonly tls: boolean;
  /** Whether GSSAPI encrypts it. */
  readonly gssEncrypted: boolean;
  /** The user, and every role that it is a direct or indirect member of. */
  readonly groups: ReadonlySet<string>;
  /** Whether the user's password is stored for scram-sha-256; undefined when that is not to be seen. */
  readonly scramVerifier: boolean | undefined;
}

/** Whether a rule matches, and so decides. */
export type Answer = "yes" | "no" | "unknown";

/** Whether a rule matches a login. */
export function matches(rule: HbaRule, login: Login): Answer {
  return every([
    connectionMatches(rule, login),
    addressMatches(rule, login),
    some(rule.databases.map((item) => databaseMatches(item, login))),
    some(rule.users.map((item) => userMatches(item, login))),
  ]);
}

function connectionMatches({ type }: HbaRule, { address, tls, gssEncrypted }: Login): Answer {
  if ((type === "local") !== (address === undefined)) return "no";
  if (type === "hostssl") return answer(tls);
  if (type === "hostnossl") return answer(!tls);
  if (type === "hostgssenc") return answer(gssEncrypted);
  if (type === "hostnogssenc") return answer(!gssEncrypted);
  return "yes";
}

function addressMatches({ type, address, netmask }: HbaRule, login: Login): Answer {
  if (type === "local" || address === "all") return "yes";
  const client = ipOf(login.address ?? "");
  if (client === undefined) return "unknown";
  if (address === "samehost" || address === "samenet") {
    const server = ipOf(login.serverAddress ?? "");
    return server?.bits === client.bits && server.value === client.value ? "yes" : "unknown";
  }
  const network = networkOf(address ?? "", netmask);
  return network === undefined ? "unknown" : answer(isIn(network, client)); // names are looked up by the server
}

function databaseMatches(item: HbaUser, { user, database, groups }: Login): Answer {
  if (typeof item !== "string") return otherItem(item, database);
  if (!isKeyword(item, "databases")) return answer(item === database);
  if (item === "sameuser") return answer(user === database);
  if (item === "samerole") return answer(groups.has(database));
  return answer(item === "all"); // replication is only about walsenders
}

function userMatches(item: HbaUser, { user, groups }: Login): Answer {
  if (typeof item !== "string") return "group" in item ? answer(groups.has(item.group)) : otherItem(item, user);
  return answer(item === "all" || item === user);
}

function otherItem(item: Exclude<HbaUser, string>, name: string): Answer {
  return "name" in item ? answer(item.name === name) : "unknown";
}

function answer(yes: boolean): Answer {
  return yes ? "yes" : "no";
}

function every(answers: readonly Answer[]): Answer {
  if (answers.includes("no")) return "no";
  return answers.includes("unknown") ? "unknown" : "yes";
}

function some(answers: readonly Answer[]): Answer {
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") ? "unknown" : "no";
}
