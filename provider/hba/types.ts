/** HBA rules: what one says, where it stands, and how the server shows it. */

import type { Deadline } from "../limits";

/** The kinds of connections that a rule is about, as the first word of its line. */
export type HbaConnection = "local" | "host" | "hostssl" | "hostnossl" | "hostgssenc" | "hostnogssenc";

/**
 * A database in a rule. Text is a name, just as it is, except for the keywords `all`, `sameuser`, `samerole` and
 * `replication`; `{ name }` is a database that bears one of these words. `{ regex }` (PostgreSQL 16 and newer) is a
 * regular expression, and `{ file }` a file on the server with a list.
 */
export type HbaDatabase = string | { readonly name: string } | { readonly regex: string } | { readonly file: string };

/**
 * A user in a rule. Text is the name of a role, just as it is, except for the keyword `all`; `{ name }` is a role that
 * bears one of the four words that are keywords of databases. `{ group }` is every direct or indirect member of a role,
 * `{ regex }` (PostgreSQL 16 and newer) a regular expression, and `{ file }` a file on the server with a list.
 */
export type HbaUser = HbaDatabase | { readonly group: string };

/** What a rule says. */
export interface HbaRule {
  /** `local` is the Unix socket; `host` is TCP/IP, `hostssl` only with TLS, `hostnossl` only without. */
  readonly type: HbaConnection;
  /** The databases that it is about; at least one. */
  readonly databases: readonly HbaDatabase[];
  /** The users that it is about; at least one. */
  readonly users: readonly HbaUser[];
  /**
   * Where connections come from, for every type but `local`: `10.0.0.0/8`, `::1/128`, an address with `netmask`, a host
   * name, `.domain`, `all`, `samehost` or `samenet`.
   */
  readonly address?: string | null;
  /** The mask of an `address` that is written without its length. */
  readonly netmask?: string | null;
  /** How users prove who they are: `scram-sha-256`, `cert`, `peer`, `reject`, … (`oauth` from PostgreSQL 18 on). */
  readonly method: string;
  /** Options of the method, by name. */
  readonly options?: Readonly<Record<string, string>> | null;
  /** One line of text behind the rule. */
  readonly comment?: string | null;
}

/**
 * Where a managed rule stands: the first rule that matches a connection decides. At most one of the three is given;
 * without any, a new rule has order 0, and an adopted one stays where it is.
 */
export interface HbaPlace {
  /**
   * A whole number. Rules stand by order, and by name where it is the same. Negative ones stand before everybody else's
   * first rule, the others after everybody else's last.
   */
  readonly order?: number | null;
  /**
   * The name of another managed rule, to stand right before it. As long as there is none of that name, the order that
   * it had by it counts, or 0.
   */
  readonly before?: string | null;
  /** The same, to stand right after it. */
  readonly after?: string | null;
}

/** A rule that this package keeps in pg_hba.conf, known by the name in the comment behind it. */
export interface ManagedHbaRule extends HbaRule, HbaPlace {
  /** Unique on the server. */
  readonly name: string;
}

/** A managed rule as it is in the file. */
export interface ObservedHbaRule {
  /** Its name. */
  readonly name: string;
  /** What it says; undefined when somebody edited it into something that the server cannot read. */
  readonly rule: HbaRule | undefined;
  /** The place that it is to have. */
  readonly place: HbaPlace;
  /** Whether it stands at that place. False when it, or a rule of somebody else, was moved past it. */
  readonly inPlace: boolean;
  /** The number of its line, from 1. */
  readonly line: number;
}

/** A line of the file, and what it says. */
export interface HbaLine {
  /** Its number, from 1; of one that is continued, the first. */
  readonly line: number;
  /** All of it. Bytes that are not UTF-8 are shown as Latin-1. */
  readonly text: string;
  /** Its rule, without the comment; undefined for a line that has none, or that the server cannot read. */
  readonly rule: HbaRule | undefined;
  /** The name of a managed rule. */
  readonly name: string | undefined;
}

/** How a change of the file is made. */
export interface HbaChangeOptions {
  /** Go on although the current connection could perhaps not be made again after the change. Default false. */
  readonly allowLockout?: boolean;
  /** @internal When the change must have begun. One that has begun comes to its end. */
  readonly deadline?: Deadline | undefined;
}

/** How a managed rule is created. */
export interface HbaCreateOptions extends HbaChangeOptions {
  /** Take over a rule of this name, or a line of somebody else that means the same, where there is one. Default false. */
  readonly adopt?: boolean;
}

/** How a managed rule is dropped. */
export interface HbaDropOptions extends HbaChangeOptions {
  /** Leave the line in the file, as nobody's: only the name behind it is taken away. Default false. */
  readonly release?: boolean;
}
