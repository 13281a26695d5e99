import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cluster, InvalidValueError, PermissionError, PostgresError } from "../../../provider";
import type { Observed, Values } from "../../../provider/definition";
import { hbaRuleType } from "../../../provider/objects/hba-rule";
import { observe, observeMany } from "../../../provider/observe";
import { alter, create, drop, release } from "../../../provider/reconcile";
import { type OwnServer, onOwnServers } from "../hba/own-server";
import { HOSTILE_NAMES, id } from "../samples";
import { failure } from "../scene";

/** A rule by which a role gets in without a password. */
const letIn = (user: unknown, more: Values = {}): Values => ({
  name: "x",
  type: "host",
  databases: ["all"],
  users: [user as string],
  address: "127.0.0.1/32",
  method: "trust",
  order: -1,
  ...more,
});

async function seen(cluster: Cluster, name = "x"): Promise<Observed> {
  return (await observe(cluster, hbaRuleType, { path: [name] })) ?? assert.fail(`${name} is not there`);
}

/** Roles that may log in, dropped at the end. */
async function withRoles(own: OwnServer, names: readonly string[], body: () => Promise<void>): Promise<void> {
  for (const name of names) await own.ask(`CREATE ROLE ${id(name)} LOGIN`);
  try {
    await body();
  } finally {
    for (const name of names) await own.ask(`DROP ROLE ${id(name)}`);
  }
}

/** The names of the roles that get in without a password. */
async function letInOf(own: OwnServer, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) if (await own.letsIn(name)) found.push(name);
  return found;
}

onOwnServers((own) => {
  test("created, changed, renamed, dropped: in force each time", async () => {
    const cluster = await own.connect({ maxConnections: 1 });
    await withRoles(own, ["guest"], async () => {
      await create(cluster, hbaRuleType, letIn("guest"));
      assert.equal(await own.letsIn("guest"), true);
      await alter(cluster, hbaRuleType, await seen(cluster), letIn("guest", { name: "y", method: "reject" }), {});
      assert.equal(await own.letsIn("guest"), false);
      assert.equal(await observe(cluster, hbaRuleType, { path: ["x"] }), undefined);
      const [found, gone] = await observeMany(cluster, hbaRuleType, [{ path: ["y"] }, { path: ["x"] }]);
      assert.deepEqual([found?.values.method, found?.values.inPlace, gone], ["reject", true, undefined]);
      await drop(cluster, hbaRuleType, await seen(cluster, "y"), {});
    });
    assert.equal(own.bytes, own.initial);
  });

  test("a rule for a role lets in that role and no other, whatever its name", async () => {
    const names = [
      ...HOSTILE_NAMES,
      "+ops",
      "/ops",
      "/^.*$",
      "@ops",
      "a,b",
      "all",
      "replication",
      "#",
      " ",
      "samegroup",
    ];
    const others = ["ops", "a", "b", "other"];
    const cluster = await own.connect();
    await withRoles(own, [...names, ...others], async () => {
      await own.ask(`GRANT ops TO other`);
      const usable = own.version >= 16 ? names : names.filter((name) => !name.includes("\n"));
      const all = [...usable, ...others];
      for (const name of usable) {
        const user = ["all", "replication"].includes(name) ? { name } : name;
        await create(cluster, hbaRuleType, letIn(user, { allowLockout: true }));
        assert.deepEqual(await letInOf(own, all), [name]);
        assert.deepEqual((await seen(cluster)).values.users, [user]);
        await drop(cluster, hbaRuleType, await seen(cluster), { allowLockout: true });
      }
      const unreadable = create(cluster, hbaRuleType, letIn("a\nb"));
      if (own.version >= 16) await unreadable;
      else assert.match((await failure(unreadable, InvalidValueError)).message, /needs PostgreSQL 16 or newer/);
    });
  });

  test("what is too new for the server is refused by name, before anything is written", async () => {
    const cluster = await own.connect();
    const refused = async (values: Values, reason: RegExp) => {
      const { message } = await failure(create(cluster, hbaRuleType, values), InvalidValueError);
      assert.match(message, reason);
      assert.equal(own.bytes, own.initial);
    };
    if (own.version < 16) {
      await refused(
        letIn({ regex: "^x" }),
        /HBA rule "x": cannot create: users: a regex needs PostgreSQL 16 or newer; the server runs 1\d/,
      );
      await refused({ ...letIn("a"), method: "oauth" }, /method: oauth needs PostgreSQL 18 or newer/);
    }
    // A method that the server was not built with, it refuses itself.
    await refused(letIn("a", { method: "bsd" }), /HBA rule "x".*: invalid authentication method "bsd"/s);
  });

  test("errors and deadlines are those of statements", async () => {
    const cluster = await own.connect();
    await create(cluster, hbaRuleType, letIn("a"));
    const again = await failure(create(cluster, hbaRuleType, letIn("a")), PostgresError);
    assert.match(again.message, /^HBA rule "x": .*it exists already/);
    const progress = { committed: false };
    const deadline = { at: Date.now() - 1, setting: "customTimeouts.create (1s)" };
    const late = create(cluster, hbaRuleType, letIn("b", { name: "y" }), { progress, deadline });
    assert.match(
      (await failure(late, PostgresError)).message,
      /^HBA rule "y": cannot create: it took longer than customTimeouts/,
    );
    assert.equal(progress.committed, false);
    const lockout = letIn("all", { name: "z", method: "reject" });
    assert.match(
      (await failure(create(cluster, hbaRuleType, lockout), PostgresError)).message,
      /^HBA rule "z": cannot create: line \d+ of pg_hba\.conf .* would reject it.*allowLockout: true/,
    );
  });

  test("a line of somebody else that means the same is taken over, and let go of", async () => {
    const cluster = await own.connect();
    const theirs = "host\tall  guest 127.0.0.1 255.255.255.255 trust # theirs\n";
    own.bytes = `${theirs}${own.initial}`;
    const before = own.bytes;
    const desired = { ...letIn("guest"), order: null };
    const found = (await hbaRuleType.source.adoptable?.(cluster, desired)) ?? assert.fail("is not found");
    await alter(cluster, hbaRuleType, found, desired, {});
    assert.equal(own.bytes, before.replace("# theirs\n", "# theirs # pgmob name=x\n"));
    assert.deepEqual(await hbaRuleType.source.adoptable?.(cluster, desired), undefined);
    assert.equal((await seen(cluster)).values.comment, "theirs");
    await release(cluster, hbaRuleType, await seen(cluster), {});
    assert.equal(own.bytes, before);
  });

  test("a role without the rights is told which grants are missing, and with them it does everything", async () => {
    await own.ask("CREATE ROLE deployer LOGIN PASSWORD 's3cret'");
    const cluster = await own.connect({ user: "deployer", password: "s3cret" });
    const message = async () =>
      (await failure(observe(cluster, hbaRuleType, { path: ["x"] }), PermissionError)).message;
    const sentence = await message();
    assert.match(
      sentence,
      /^pg_hba\.conf: cannot read: "deployer" may not read and write pg_hba\.conf\. .*Let a superuser run: GRANT pg_read_all_settings, pg_execute_server_program TO "deployer"; in database "postgres", GRANT EXECUTE/,
    );
    for (const grant of sentence.split("Let a superuser run: ")[1]?.split("; ") ?? []) {
      await own.ask(grant.replace('in database "postgres", ', ""));
    }
    await create(cluster, hbaRuleType, letIn("guest"));
    await alter(cluster, hbaRuleType, await seen(cluster), letIn("guest", { method: "reject" }), {});
    await drop(cluster, hbaRuleType, await seen(cluster), {});
    assert.equal(own.bytes, own.initial);
    await own.ask(
      "CREATE ROLE rds_superuser; REVOKE EXECUTE ON FUNCTION pg_hba_file_rules() FROM deployer; REVOKE pg_read_all_settings FROM deployer",
    );
    assert.match(
      await message(),
      /this is a managed service \(it has a role "rds_superuser"\), on which nobody may read and write/,
    );
    await cluster.close();
    await own.ask("DROP ROLE rds_superuser; DROP OWNED BY deployer; DROP ROLE deployer");
  });
});
