import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Values } from "../../provider/definition";
import { pathOf } from "../../provider/fields";
import { IMPORTED_TYPES } from "../../provider/import/survey";
import { sequenceType } from "../../provider/objects/sequence";
import { idOf } from "../../provider/state";
import { type Ground, tells } from "../provider/arbitraries";
import { ownNumbers } from "../provider/arbitraries/sequence";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { biomeProblems } from "../provider/import/biome";
import { complaints } from "../support/compile";
import type { TestRole } from "../support/postgres-fixture";
import { addressOf, testServer } from "../support/postgres-servers";
import { seed } from "../support/seed";
import { makeAuthority } from "../support/tls-authority";
import { versions } from "../support/versions";
import { type AnyServer, AnyServers, type Thing, UNSEEN } from "./any-server";
import { type Imported, importFrom, type Spec, stackOf } from "./imported";
import { make } from "./made-server";

/** How many servers are drawn for each version, and how many of them one program declares. */
const [COUNT, TOGETHER] = [100, 25];
/** How often every attribute is to occur at least. */
const LEAST = 20;

const programs: string[] = [];

onOwnServers(
  (own) => {
    test(`what is on any server is taken over with nothing to change, every attribute (seed ${seed})`, async (t) => {
      t.diagnostic(`PGMOB_SEED=${seed} has it again`);
      const cluster = await own.connect();
      const any = new AnyServers(await groundOf(own), seed);
      const servers = Array.from({ length: COUNT }, (_, index) => any.next(`q${String(index).padStart(3, "0")}z`));
      await make(cluster, servers);
      const counts = new Map<string, number>();
      for (let first = 0; first < COUNT; first += TOGETHER) {
        const some = servers.slice(first, first + TOGETHER);
        const imported = await nothingToChange(own, some);
        for (const { type, inputs } of imported.resources)
          for (const name of Object.keys(inputs)) {
            const key = `${type.split(":").at(-1)}.${name}`;
            counts.set(key, (counts.get(key) ?? 0) + 1);
          }
        assertWhole(some, imported);
        programs.push(imported.program);
      }
      assertCounts(t, any, counts);
    });
  },
  { settings: { max_replication_slots: "200" } },
);

test("every one of the programs compiles, and is formatted", () => {
  assert.equal(programs.length, (versions.length * COUNT) / TOGETHER);
  assert.deepEqual(complaints(programs), []);
  assert.equal(biomeProblems(programs), "");
});

/** Imports some servers into a stack of their own, and previews it. */
async function nothingToChange(own: OwnServer, some: readonly AnyServer[]): Promise<Imported> {
  const { superuser, password } = own.server;
  const server = testServer(addressOf(own.server));
  const role: TestRole = { name: superuser, password, superuser: true };
  const patterns = some.flatMap(({ token }) => ["--include", `*${token}*`]);
  const imported = await importFrom({ server, role }, patterns);
  assert.doesNotMatch(imported.said, /would be changed/);
  const stack = await stackOf({ engine: "engine", server, role }, imported);
  try {
    await stack.preview({});
    await stack.preview({}, { refresh: true });
  } finally {
    await stack.close();
  }
  return imported;
}

/** Asserts that everything that was made is declared, and everything of it that is not so by default. */
function assertWhole(some: readonly AnyServer[], { resources }: Imported): void {
  const things = some.flatMap(({ roles, databases, schemas, sequences, rules, slots }) =>
    [roles, databases, schemas, sequences, rules, slots].flat(),
  );
  const found = new Map(resources.map((one) => [`${one.type.split(":").at(-1)} ${one.id}`, one]));
  const missing = things.flatMap((thing) =>
    missingOf(thing, found.get(keyOf(thing))).map(
      (name) => `${name} of ${keyOf(thing)} ${JSON.stringify(thing.inputs)}`,
    ),
  );
  assert.deepEqual(missing, []);
  const made = new Set(things.map(keyOf));
  assert.deepEqual(
    [...found].filter(([key]) => !made.has(key)),
    [],
    "only what was made is declared",
  );
  assert.equal(resources.length, things.length);
}

/** What was made of an object and is not declared. */
function missingOf({ type, inputs }: Thing, spec: Spec | undefined): string[] {
  if (spec === undefined) return ["everything"];
  const own: Values = type === sequenceType ? ownNumbers(inputs) : {};
  return Object.entries(inputs).flatMap(([name, value]) =>
    tells(type, inputs, name) && value !== own[name] && !UNSEEN.includes(name) && spec.inputs[name] === undefined
      ? [name]
      : [],
  );
}

/** Prints how often each attribute occurred, and asserts that it was often enough. */
function assertCounts(t: TestContext, any: AnyServers, counts: ReadonlyMap<string, number>): void {
  const names = IMPORTED_TYPES.flatMap((type) => any.attributes(type).map((name) => `${type.type}.${name}`));
  const all = names.map((name): [string, number] => [name, counts.get(name) ?? 0]);
  t.diagnostic(`of ${COUNT} servers: ${all.map(([name, times]) => `${name} ${times}`).join(", ")}`);
  const rare = all.filter(([, times]) => times < LEAST);
  assert.deepEqual(rare, [], `attributes that occur less than ${LEAST} times`);
}

/** Methods of which declarations of any rule know options, and that take none, as far as the server has them. */
const METHODS = [
  ...["trust", "reject", "scram-sha-256", "md5", "password", "ident", "peer", "cert", "ldap", "radius", "pam"],
];

/** What can be declared on a server, which has TLS. Its file begins with a rule by which its superuser gets in. */
async function groundOf(own: OwnServer): Promise<Ground> {
  const { version, server, initial } = own;
  const authority = await makeAuthority("any");
  const { cert, key } = await authority.issue({ cn: "localhost" });
  const files = { "server.crt": cert, "server.key": key, "root.crt": authority.cert, names: "somebody\n" };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(server.dataDir, name), text, { mode: 0o600 });
    own.own(join(server.dataDir, name));
  }
  await own.ask("ALTER SYSTEM SET ssl = on");
  await own.ask("ALTER SYSTEM SET ssl_ca_file = 'root.crt'");
  own.bytes = METHODS.map((method) => `hostssl all all 0.0.0.0/0 ${method}\n`).join("");
  const lines = await own.ask("SELECT line_number, error FROM pg_hba_file_rules");
  const unknown = lines.filter(([, error]) => /not supported by this build/.test(String(error)));
  own.bytes = `host all ${server.superuser} 127.0.0.1/32 scram-sha-256 # pgmob name=keep order=-2000\n${initial}`;
  await own.ask("SELECT pg_reload_conf()");
  return {
    ...{ version, superuser: true, roles: [], databases: [], tablespaces: [], columns: [], rules: [] },
    methods: METHODS.filter((_, index) => !unknown.some(([line]) => line === index + 1)),
    files: ["names"],
  };
}

function keyOf({ type, inputs }: Thing): string {
  return `${type.type} ${idOf(type, pathOf(type, inputs), String(inputs.database))}`;
}
