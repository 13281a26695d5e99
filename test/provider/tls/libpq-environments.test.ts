/** Every variable that libpq knows is taken, refused by its name, or named in the README as without effect. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { postgresBinaries } from "../../support/postgres-binaries";
import { readme } from "../../support/reference";
import { versions } from "../../support/versions";
import { type Environment, resolve } from "../settings-resolve";
import { ENVIRONMENTS, type World } from "./libpq-environments";

/** The variables that libpq's documentation names, of PostgreSQL 14 to 18: what becomes of each, with a value that matters. */
const VARIABLES: Readonly<Record<string, readonly [fate: "taken" | "refused" | "without effect", value: string]>> = {
  PGAPPNAME: ["taken", "x"],
  PGCHANNELBINDING: ["taken", "require"],
  PGCLIENTENCODING: ["without effect", "LATIN1"],
  PGCONNECT_TIMEOUT: ["taken", "3"],
  PGDATABASE: ["taken", "x"],
  PGDATESTYLE: ["without effect", "German"],
  PGGEQO: ["without effect", "off"],
  PGGSSDELEGATION: ["without effect", "1"],
  PGGSSENCMODE: ["refused", "require"],
  PGGSSLIB: ["without effect", "gssapi"],
  PGHOST: ["taken", "x"],
  PGHOSTADDR: ["taken", "10.0.0.1"],
  PGKRBSRVNAME: ["without effect", "x"],
  PGLOADBALANCEHOSTS: ["without effect", "random"],
  PGLOCALEDIR: ["without effect", "/x"],
  PGMAXPROTOCOLVERSION: ["refused", "2.0"],
  PGMINPROTOCOLVERSION: ["refused", "3.2"],
  PGOAUTHDEBUG: ["without effect", "UNSAFE"],
  PGOPTIONS: ["taken", "-c x.y=z"],
  PGPASSFILE: ["taken", "/x"],
  PGPASSWORD: ["taken", "x"],
  PGPORT: ["taken", "1"],
  PGREQUIREAUTH: ["taken", "md5"],
  PGREQUIREPEER: ["refused", "postgres"],
  PGREQUIRESSL: ["taken", "1"],
  PGSERVICE: ["taken", "x"],
  PGSERVICEFILE: ["taken", "/x"],
  PGSSLCERT: ["taken", "/x"],
  PGSSLCERTMODE: ["refused", "require"],
  PGSSLCOMPRESSION: ["without effect", "1"],
  PGSSLCRL: ["taken", "/x"],
  PGSSLCRLDIR: ["refused", "/x"],
  PGSSLKEY: ["taken", "/x"],
  PGSSLMAXPROTOCOLVERSION: ["taken", "TLSv1.2"],
  PGSSLMINPROTOCOLVERSION: ["taken", "TLSv1.3"],
  PGSSLMODE: ["taken", "require"],
  PGSSLNEGOTIATION: ["taken", "direct"],
  PGSSLROOTCERT: ["taken", "/x"],
  PGSSLSNI: ["refused", "0"],
  PGSYSCONFDIR: ["taken", "/x"],
  PGTARGETSESSIONATTRS: ["taken", "primary"],
  PGTZ: ["without effect", "Asia/Tokyo"],
  PGUSER: ["taken", "x"],
};

/** What matters only beside another. */
const BESIDE: Readonly<Record<string, Environment>> = {
  PGSERVICEFILE: { PGSERVICE: "shop" },
  PGSYSCONFDIR: { PGSERVICE: "shop" },
  PGSSLNEGOTIATION: { PGSSLMODE: "require" },
};

const of = (fate: string) =>
  Object.entries(VARIABLES)
    .filter(([, [its]]) => its === fate)
    .map(([name]) => name);

/** What an environment comes to: settings, or why there are none. */
function outcome(environment: Environment): string {
  try {
    return JSON.stringify(resolve({}, environment));
  } catch (error) {
    return (error as Error).message;
  }
}

describe("each variable of libpq", () => {
  for (const [name, [fate, value]] of Object.entries(VARIABLES)) {
    it(`${name} is ${fate}`, () => {
      const beside = BESIDE[name] ?? {};
      const came = outcome({ ...beside, [name]: value });
      const refusal = `the environment has a parameter that is not supported: ${name}`;
      if (fate === "refused") assert.equal(came, refusal);
      else assert.notEqual(came, refusal);
      assert.equal(came === outcome(beside), fate === "without effect", came);
    });
  }

  it("what asks for nothing that is not so is taken", () => {
    const harmless = {
      ...{ PGGSSENCMODE: "prefer", PGSSLCERTMODE: "allow", PGSSLSNI: "1", PGMINPROTOCOLVERSION: "3.0" },
      PGMAXPROTOCOLVERSION: "latest",
    };
    for (const [name, value] of Object.entries(harmless)) assert.equal(outcome({ [name]: value }), outcome({}), name);
  });
});

it("every variable that a libpq knows is among them", async () => {
  for (const version of versions) {
    const { postgres } = await postgresBinaries(version, join(tmpdir(), `pgmob-libpq-${version}`));
    const folder = join(dirname(postgres), "..", "lib");
    const library = readdirSync(folder).find((name) => /^libpq\.so\.\d+\.\d+$|^libpq\.\d+\.dylib$/.test(name));
    const text = readFileSync(join(folder, library ?? assert.fail(folder)), "latin1");
    const found = [...text.matchAll(/\0(PG[A-Z_]+)(?=\0)/g)].map(([, name = ""]) => name);
    const known = found.filter((name) => !name.startsWith("PGRES_"));
    assert.ok(known.length > 30, `${known.length} variables in ${library}`);
    assert.deepEqual(
      known.filter((name) => !Object.hasOwn(VARIABLES, name)),
      [],
    );
  }
});

it("what is taken is compared with psql, or has tests of its own", () => {
  const file = (name: string) => name;
  const [tls, other] = [
    { port: "1", password: "p", socket: "/s" },
    { port: "2", password: "p" },
  ];
  const authority = { cert: "", issue: async () => assert.fail(), revoke: async () => assert.fail() };
  const world: World = {
    ...{ home: "", tls, other, ours: authority, theirs: authority, client: { cert: "x", key: "x" }, file },
  };
  const set = new Set(
    ENVIRONMENTS.flatMap(([, , environment]) => Object.entries(environment(world)))
      .filter(([, value]) => value !== "")
      .map(([name]) => name),
  );
  // In certificates, modes and logins; not every psql knows all of them.
  const elsewhere = ["PGREQUIREAUTH", "PGSSLCRL", "PGSSLNEGOTIATION"];
  elsewhere.push("PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION");
  assert.deepEqual(
    of("taken").filter((name) => !set.has(name)),
    elsewhere.sort(),
  );
});

it("the README says what becomes of each", () => {
  const [, connection = ""] = /^### Connection\n(.*?)^### /ms.exec(readme().is) ?? [];
  const named = (text = "") => [...new Set([...text.matchAll(/`(PG[A-Z_]+)/g)].map(([, name = ""]) => name))].sort();
  const [, refused] = /is refused, never ignored:(.*?)\.\n/s.exec(connection) ?? [];
  const [, without] = /Without effect on connections are(.*?)\.\n/s.exec(connection) ?? [];
  assert.deepEqual(named(refused), of("refused"));
  assert.deepEqual(
    named(without).filter((name) => name !== "PGOPTIONS"), // which is the way to say it
    of("without effect"),
  );
  assert.deepEqual(
    of("taken").filter((name) => !named(connection).includes(name)),
    [],
  );
});
