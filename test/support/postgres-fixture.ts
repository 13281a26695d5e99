import { randomBytes } from "node:crypto";
import { after } from "node:test";
import pg from "pg";
import { leaks } from "./leaks";
import { token, uniqueName } from "./postgres-names";
import { type ServerAddress, serversVariable, type TestServer, testServer } from "./postgres-servers";

export { type TestServer, uniqueName };

function fromEnvironment(): TestServer[] {
  const text = process.env[serversVariable];
  if (text === undefined) {
    throw new Error("this test needs the servers that the test runner starts: run it with `npm test -- <file>`");
  }
  return (JSON.parse(text) as ServerAddress[]).map(testServer);
}

/** One running server of each version that is tested. */
export const servers: TestServer[] = fromEnvironment();

// Connections that no user or database name tells apart are found by this one; child processes inherit it.
process.env.PGAPPNAME = token;

/** A role that tests connect as. */
export interface TestRole {
  readonly name: string;
  readonly password: string;
  readonly superuser: boolean;
}

const cleanUps: (() => Promise<void>)[] = [];
const made = new Map<TestServer, Promise<TestRole[]>>();

/** Runs the statements as the superuser, on a connection of its own. */
async function run(server: TestServer, ...statements: string[]): Promise<void> {
  const admin = await server.admin();
  try {
    for (const statement of statements) await admin.query(statement);
  } finally {
    await admin.end();
  }
}

async function makeRestricted(server: TestServer): Promise<TestRole> {
  const role: TestRole = { name: uniqueName("deployer"), password: randomBytes(9).toString("hex"), superuser: false };
  await run(server, `CREATE ROLE ${role.name} LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '${role.password}'`);
  cleanUps.push(() => run(server, `DROP ROLE ${role.name}`));
  return role;
}

/**
 * The roles that every whole-program test runs as: the superuser, and one with LOGIN CREATEDB CREATEROLE only. The
 * second is made once per test file and dropped at its end; what it still owns then fails the file.
 */
export function deployers(server: TestServer): Promise<TestRole[]> {
  let roles = made.get(server);
  if (roles === undefined) {
    const superuser: TestRole = { name: server.superuser, password: server.password, superuser: true };
    roles = makeRestricted(server).then((restricted) => [superuser, restricted]);
    made.set(server, roles);
  }
  return roles;
}

/** A database of a test. */
export interface TestDatabase {
  readonly name: string;
  /** Drops it with every session in it. Done at the end of the test file for those that are left. */
  drop(): Promise<void>;
}

/** Makes an empty database with a unique name. Default owner: the superuser; default template: template1. */
export async function freshDatabase(
  server: TestServer,
  options: { prefix?: string; owner?: string; template?: string } = {},
): Promise<TestDatabase> {
  const name = uniqueName(options.prefix ?? "db");
  const template = options.template === undefined ? "" : ` TEMPLATE ${pg.escapeIdentifier(options.template)}`;
  // Two files that copy the same template at once: "source database is being accessed by other users".
  await retryBusy(() => run(server, `CREATE DATABASE ${name}${template}`));
  const drop = () => run(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  cleanUps.push(drop);
  if (options.owner !== undefined) {
    await run(server, `ALTER DATABASE ${name} OWNER TO ${pg.escapeIdentifier(options.owner)}`);
  }
  return { name, drop };
}

async function retryBusy(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== "55006" || attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

// At the end of the file: what the fixture made goes, then nothing with our token in its name may be left.
after(async () => {
  const problems: string[] = [];
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp().catch((error: Error & { detail?: string }) =>
      problems.push([error.message, error.detail].filter(Boolean).join(": ")),
    );
  }
  for (const server of servers) {
    const admin = await server.admin("postgres");
    const left = await leaks(admin, (line) => line.includes(token));
    await admin.end();
    problems.push(...left.map((line) => `left on PostgreSQL ${server.version}: ${line}`));
  }
  if (problems.length > 0) throw new Error(`${process.argv[1]} leaves things behind:\n  ${problems.join("\n  ")}`);
});
