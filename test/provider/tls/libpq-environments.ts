/** Environments of a libpq program: where each of them leads, or that it leads nowhere. */

import { join } from "node:path";
import type { Authority, Identity } from "../../support/tls-authority";

/** What the rows of the table are made from. */
export interface World {
  readonly home: string;
  readonly tls: { readonly port: string; readonly password: string; readonly socket: string };
  readonly other: { readonly port: string; readonly password: string };
  readonly ours: Authority;
  readonly theirs: Authority;
  readonly client: Identity;
  /** Writes a file below the home directory, for its owner alone unless told otherwise, and gives its path. */
  file(name: string, text: string, mode?: number): string;
}

/** An environment: what it is about, the user that it reaches as (or `nothing`), and its variables. */
export type Row = [what: string, reaches: string, environment: (world: World) => Record<string, string>];

const tcp = ({ tls }: World) => ({
  PGHOST: "127.0.0.1",
  PGPORT: tls.port,
  PGUSER: "postgres",
  PGPASSWORD: tls.password,
});
/** A server without TLS. */
const plain = (w: World) => ({ ...tcp(w), PGPORT: w.other.port, PGPASSWORD: w.other.password });
const as = (user: string) => (world: World) => ({ ...tcp(world), PGUSER: user, PGPASSWORD: "pass word" });
const without = ({ PGPASSWORD: _, ...rest }: Record<string, string>) => rest;
const service = (world: World, text: string) => world.file("services.conf", `[shop]\n${text}`);

/** Every variable that is taken over, alone and beside others. */
export const ENVIRONMENTS: Row[] = [
  ["host, port, user, password", "postgres", tcp],
  ["a socket's folder", "postgres", (w) => ({ ...tcp(w), PGHOST: w.tls.socket })],
  ["a wrong password", "nothing", (w) => ({ ...tcp(w), PGPASSWORD: "wrong" })],
  ["no password", "nothing", (w) => without(tcp(w))],
  [
    "empty variables",
    "postgres",
    (w) => ({ ...tcp(w), PGSSLROOTCERT: "", PGHOSTADDR: "", PGOPTIONS: "", PGREQUIREAUTH: "" }),
  ],
  [
    "an address beside a name",
    "postgres",
    (w) => ({ ...tcp(w), PGHOST: "no.such.host.invalid", PGHOSTADDR: "127.0.0.1" }),
  ],
  ["an address alone", "postgres", (w) => ({ ...tcp(w), PGHOST: "", PGHOSTADDR: "127.0.0.1" })],
  ["a database", "postgres", (w) => ({ ...tcp(w), PGDATABASE: "template1" })],
  ["a database that is not there", "nothing", (w) => ({ ...tcp(w), PGDATABASE: "nowhere" })],
  [
    "a name, options, a time limit",
    "postgres",
    (w) => ({
      ...tcp(w),
      PGAPPNAME: "it's me",
      PGOPTIONS: "-c search_path=a,\\ b",
      PGCONNECT_TIMEOUT: "9",
    }),
  ],
  ["a primary is wanted", "postgres", (w) => ({ ...tcp(w), PGTARGETSESSIONATTRS: "primary" })],
  ["a session that writes is wanted", "postgres", (w) => ({ ...tcp(w), PGTARGETSESSIONATTRS: "read-write" })],
  [
    "a session that writes, and it does not",
    "nothing",
    (w) => ({
      ...tcp(w),
      PGTARGETSESSIONATTRS: "read-write",
      PGOPTIONS: "-c default_transaction_read_only=on",
    }),
  ],
  ["a standby is wanted", "nothing", (w) => ({ ...tcp(w), PGTARGETSESSIONATTRS: "standby" })],
  ["a standby is preferred", "postgres", (w) => ({ ...tcp(w), PGTARGETSESSIONATTRS: "prefer-standby" })],

  ...["disable", "allow", "prefer", "require"].flatMap((mode): Row[] => [
    [`sslmode ${mode}`, "postgres", (w) => ({ ...tcp(w), PGSSLMODE: mode })],
    [
      `sslmode ${mode}, only TLS`,
      mode === "disable" ? "nothing" : "only_tls",
      (w) => ({ ...as("only_tls")(w), PGSSLMODE: mode }),
    ],
    [
      `sslmode ${mode}, only without TLS`,
      mode === "require" ? "nothing" : "only_plain",
      (w) => ({ ...as("only_plain")(w), PGSSLMODE: mode }),
    ],
    [
      `sslmode ${mode}, a server without TLS`,
      mode === "require" ? "nothing" : "postgres",
      (w) => ({ ...plain(w), PGSSLMODE: mode }),
    ],
    [
      `sslmode ${mode}, somebody else's root certificate`,
      mode === "require" ? "nothing" : "postgres",
      (w) => ({ ...tcp(w), PGSSLMODE: mode, PGSSLROOTCERT: w.file("root.crt", w.theirs.cert) }),
    ],
  ]),
  ["PGREQUIRESSL", "only_tls", (w) => ({ ...as("only_tls")(w), PGREQUIRESSL: "1" })],
  ["PGREQUIRESSL, only without TLS", "nothing", (w) => ({ ...as("only_plain")(w), PGREQUIRESSL: "1" })],
  ["PGREQUIRESSL, a server without TLS", "nothing", (w) => ({ ...plain(w), PGREQUIRESSL: "1" })],
  ["PGREQUIRESSL that begins with 1", "nothing", (w) => ({ ...plain(w), PGREQUIRESSL: "10" })],
  ["PGREQUIRESSL that does not", "postgres", (w) => ({ ...plain(w), PGREQUIRESSL: "yes" })],
  ["PGREQUIRESSL beside PGSSLMODE", "postgres", (w) => ({ ...plain(w), PGREQUIRESSL: "1", PGSSLMODE: "prefer" })],
  [
    "PGREQUIRESSL beside sslmode of a service",
    "postgres",
    (w) => ({
      ...{ ...plain(w), PGREQUIRESSL: "1", PGSERVICE: "shop", PGSERVICEFILE: service(w, "sslmode=disable\n") },
    }),
  ],
  ["sslmode that is none", "nothing", (w) => ({ ...tcp(w), PGSSLMODE: "yes" })],
  ["verify-ca without a root certificate", "nothing", (w) => ({ ...tcp(w), PGSSLMODE: "verify-ca" })],
  ...(["verify-ca", "verify-full"] as const).flatMap((mode): Row[] => {
    const trust = (w: World) => ({ ...tcp(w), PGSSLMODE: mode, PGSSLROOTCERT: w.file("root.crt", w.ours.cert) });
    const other = mode === "verify-ca" ? "postgres" : "nothing";
    return [
      [`${mode}, an address in the certificate`, "postgres", trust],
      [`${mode}, a name in it`, "postgres", (w) => ({ ...trust(w), PGHOST: "db.internal", PGHOSTADDR: "127.0.0.1" })],
      [
        `${mode}, a name that fits a wildcard`,
        "postgres",
        (w) => ({ ...trust(w), PGHOST: "x.wild.internal", PGHOSTADDR: "127.0.0.1" }),
      ],
      [`${mode}, another name`, other, (w) => ({ ...trust(w), PGHOST: "other.internal", PGHOSTADDR: "127.0.0.1" })],
      [
        `${mode}, the common name beside alternative names`,
        other,
        (w) => ({ ...trust(w), PGHOST: "common.internal", PGHOSTADDR: "127.0.0.1" }),
      ],
    ];
  }),
  [
    "a root certificate in the home directory",
    "postgres",
    (w) => {
      w.file(".postgresql/root.crt", w.ours.cert);
      return { ...tcp(w), PGSSLMODE: "verify-full" };
    },
  ],
  [
    "somebody else's there, with require",
    "nothing",
    (w) => {
      w.file(".postgresql/root.crt", w.theirs.cert);
      return { ...tcp(w), PGSSLMODE: "require" };
    },
  ],
  [
    "a client certificate",
    "by_cert",
    (w) => ({
      ...without(as("by_cert")(w)),
      PGSSLMODE: "require",
      PGSSLCERT: w.file("client.crt", w.client.cert),
      PGSSLKEY: w.file("client.key", w.client.key),
    }),
  ],
  [
    "a key that others may read",
    "nothing",
    (w) => ({
      ...without(as("by_cert")(w)),
      PGSSLMODE: "require",
      PGSSLCERT: w.file("client.crt", w.client.cert),
      PGSSLKEY: w.file("client.key", w.client.key, 0o644),
    }),
  ],
  [
    "a client certificate in the home directory",
    "by_cert",
    (w) => {
      w.file(".postgresql/postgresql.crt", w.client.cert);
      w.file(".postgresql/postgresql.key", w.client.key);
      return { ...without(as("by_cert")(w)), PGSSLMODE: "require" };
    },
  ],
  ["no client certificate", "nothing", (w) => ({ ...without(as("by_cert")(w)), PGSSLMODE: "require" })],
  ["channel binding", "only_tls", (w) => ({ ...as("only_tls")(w), PGCHANNELBINDING: "require" })],
  ["channel binding without TLS", "nothing", (w) => ({ ...as("only_plain")(w), PGCHANNELBINDING: "require" })],

  [
    "a password file that is named",
    "postgres",
    (w) => ({
      ...without(tcp(w)),
      PGPASSFILE: w.file(
        "pass",
        `# mine\n127.0.0.1:1:*:*:wrong\n127.0.0.1:${w.tls.port}:postgres:postgres:${w.tls.password}\n*:*:*:*:wrong`,
      ),
    }),
  ],
  [
    "the one in the home directory",
    "only_tls",
    (w) => {
      w.file(".pgpass", "*:*:*:only_tls:pass\\ word\n");
      return without(as("only_tls")(w));
    },
  ],
  [
    "the first line that fits counts",
    "nothing",
    (w) => {
      w.file(".pgpass", `*:*:*:*:wrong\n*:*:*:postgres:${w.tls.password}\n`);
      return without(tcp(w));
    },
  ],
  [
    "a password goes before the file",
    "nothing",
    (w) => {
      w.file(".pgpass", `*:*:*:*:${w.tls.password}\n`);
      return { ...tcp(w), PGPASSWORD: "wrong" };
    },
  ],
  [
    "a file that others may read",
    "nothing",
    (w) => {
      w.file(".pgpass", `*:*:*:*:${w.tls.password}\n`, 0o640);
      return without(tcp(w));
    },
  ],
  [
    "a socket's folder in the file",
    "postgres",
    (w) => {
      w.file(".pgpass", `localhost:*:*:*:wrong\n${w.tls.socket}:*:*:*:${w.tls.password}\n`);
      return { ...without(tcp(w)), PGHOST: w.tls.socket };
    },
  ],
  [
    "the name, not the address, is looked up",
    "postgres",
    (w) => {
      w.file(".pgpass", `127.0.0.1:*:*:*:wrong\ndb.internal:*:*:*:${w.tls.password}\n`);
      return { ...without(tcp(w)), PGHOST: "db.internal", PGHOSTADDR: "127.0.0.1" };
    },
  ],
  [
    "an address alone is looked up",
    "postgres",
    (w) => {
      w.file(".pgpass", `localhost:*:*:*:wrong\n127.0.0.1:*:*:*:${w.tls.password}\n`);
      return { ...without(tcp(w)), PGHOST: "", PGHOSTADDR: "127.0.0.1" };
    },
  ],

  [
    "a service goes before other variables",
    "only_tls",
    (w) => ({
      ...tcp(w),
      PGPORT: "1",
      PGSERVICE: "shop",
      PGSERVICEFILE: service(
        w,
        `host=127.0.0.1\nport=${w.tls.port}\nuser=only_tls\npassword=pass word\nsslmode=require\n`,
      ),
    }),
  ],
  [
    "and leaves to them what it does not say",
    "postgres",
    (w) => ({
      ...tcp(w),
      PGPORT: "1",
      PGSERVICE: "shop",
      PGSERVICEFILE: service(w, `port=${w.tls.port}\nkeepalives=0\nport=2\n[other]\nport=3`),
    }),
  ],
  [
    "in the home directory",
    "postgres",
    (w) => {
      w.file(".pg_service.conf", `[shop]\nport=${w.tls.port}\n`);
      return { ...tcp(w), PGPORT: "1", PGSERVICE: "shop" };
    },
  ],
  [
    "in the system's folder",
    "postgres",
    (w) => {
      w.file(".pg_service.conf", "[other]\nport=2\n");
      w.file("system/pg_service.conf", `[shop]\nport=${w.tls.port}\n`);
      return { ...tcp(w), PGPORT: "1", PGSERVICE: "shop", PGSYSCONFDIR: join(w.home, "system") };
    },
  ],
  ["a service that is not there", "nothing", (w) => ({ ...tcp(w), PGSERVICE: "none", PGSERVICEFILE: service(w, "") })],
  ["a file that is not there", "nothing", (w) => ({ ...tcp(w), PGSERVICE: "shop", PGSERVICEFILE: "/no/where" })],
  ["a line that says nothing", "nothing", (w) => ({ ...tcp(w), PGSERVICE: "shop", PGSERVICEFILE: service(w, "port") })],
  [
    "a parameter that there is not",
    "nothing",
    (w) => ({ ...tcp(w), PGSERVICE: "shop", PGSERVICEFILE: service(w, "prt=1") }),
  ],
  [
    "a password of a service",
    "postgres",
    (w) => ({
      ...without(tcp(w)),
      PGSERVICE: "shop",
      PGSERVICEFILE: service(w, `password=${w.tls.password}\n`),
    }),
  ],
];
