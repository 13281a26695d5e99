import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidValueError, RefusedError } from "../../../provider";
import { failure } from "../scene";
import { CHECK, meddled, onOwnServers, RELOAD, SCRIPT } from "./own-server";
import { letIn } from "./samples";

onOwnServers((own) => {
  test("a rule is in force when the call returns, changed and dropped ones too", async () => {
    const { hbaRules } = await own.connect();
    await own.ask("CREATE ROLE guest LOGIN");
    const rights = own.rights;
    assert.equal(await own.letsIn("guest"), false);
    const created = await hbaRules.managed.create(letIn("guest", { comment: "for a while" }));
    assert.equal(await own.letsIn("guest"), true);
    assert.equal(
      own.bytes.split("\n")[created.line - 1],
      "host all guest 127.0.0.1/32 trust # for a while # pgmob name=guest order=-1",
    );
    assert.equal((await hbaRules.managed.alter("guest", { method: "reject" })).rule?.method, "reject");
    assert.equal(await own.letsIn("guest"), false);
    await hbaRules.managed.alter("guest", { method: "trust" });
    assert.equal(await own.letsIn("guest"), true);
    assert.equal(await hbaRules.managed.drop("guest"), true);
    assert.equal(await own.letsIn("guest"), false);
    assert.deepEqual([own.bytes === own.initial, own.rights, own.leftovers], [true, rights, []]);
  });

  test("no byte of others changes, whatever they wrote", async () => {
    const { hbaRules } = await own.connect();
    const theirs = [
      "# caf\xe9\t\r\n",
      "\r\n",
      'local\tall , "post gres",+ops\t \\\n peer # "\n',
      "host all all 127.0.0.1/32 scram-sha-256\r\n",
      own.version >= 16 ? 'include_if_exists "no such file"\n' : "\n",
      "host all caf\xe9 ::1/128 trust",
    ].join("");
    own.bytes = theirs.replace(" , ", " ");
    const before = own.bytes;
    await Promise.all([hbaRules.managed.create(letIn("a")), hbaRules.managed.create(letIn("b", { order: 0 }))]);
    const [a, b] = ["a", "b"].map((name) => `host all ${name} 127.0.0.1/32 trust # pgmob name=${name} order=`);
    assert.equal(own.bytes, before.replace("local\t", `${a}-1\r\nlocal\t`).concat(`\n${b}0`));
    await hbaRules.managed.drop("a");
    await hbaRules.managed.drop("b");
    assert.equal(own.bytes, before);
  });

  test("a file that the server cannot read is put back byte for byte, before any reload", async () => {
    const { hbaRules } = await own.connect();
    const rights = own.rights;
    const log = (await own.server.log()).length;
    const error = await failure(hbaRules.managed.create(letIn("x", { method: "bsd" })), InvalidValueError);
    assert.match(
      error.message,
      /^cannot change pg_hba\.conf: line \d+ of pg_hba\.conf: .*bsd.*It is as it was before$/,
    );
    assert.match(
      (await failure(hbaRules.append("nonsense"), InvalidValueError)).message,
      /invalid connection type "nonsense"/,
    );
    const everything = [...own.bytes.matchAll(/^[^#\n].*$/gm)].map(([line]) => line);
    assert.match(
      (await failure(hbaRules.remove(everything, { allowLockout: true }), InvalidValueError)).message,
      /has no rule/,
    );
    assert.deepEqual([own.bytes === own.initial, own.rights, own.leftovers], [true, rights, []]);
    assert.doesNotMatch((await own.server.log()).slice(log), /received SIGHUP/);
  });

  test("a line that somebody broke before is told by its number in the file", async () => {
    const { hbaRules } = await own.connect();
    for (const name of ["one", "two"]) await hbaRules.managed.create(letIn(name));
    const broken = `${own.bytes}host bogus\n`;
    own.bytes = broken;
    const { message } = await failure(hbaRules.managed.drop("one"), InvalidValueError);
    const line = broken.split("\n").indexOf("host bogus") + 1;
    assert.match(message, new RegExp(`: line ${line} of pg_hba\\.conf: .*The line is not one that is changed here`));
    assert.equal(own.bytes, broken);
    own.bytes = own.initial;
  });

  test("what is refused is refused to whoever asked for it, and the rest is made", async () => {
    const { hbaRules } = await own.connect();
    const outcomes = await Promise.allSettled([
      hbaRules.managed.create(letIn("a")),
      hbaRules.managed.create(letIn("b", { method: "bsd" })),
      hbaRules.managed.create(letIn("c")),
      hbaRules.managed.create(letIn("c")),
      hbaRules.managed.create(letIn("d", { users: ["all"], method: "reject", order: -2 })),
      hbaRules.append("nonsense"),
      hbaRules.append("host all e all reject"),
    ]);
    const kinds = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.name : "made"));
    assert.deepEqual(kinds, [
      "made",
      "InvalidValueError",
      "made",
      "AlreadyExistsError",
      "RefusedError",
      "InvalidValueError",
      "made",
    ]);
    const names = [];
    for await (const { name, inPlace } of hbaRules.managed) names.push(`${name} ${inPlace}`);
    assert.deepEqual([names, await hbaRules.has("host all e all reject")], [["a true", "c true"], true]);
  });

  test("an error that was there before is not ours: it is named, and nothing changes", async () => {
    const { hbaRules } = await own.connect();
    const broken = `${own.initial}broken line # ldapbindpasswd=s3cret\nhost all all all radius radiussecrets="s3cret"\n`;
    own.bytes = broken;
    const error = await failure(hbaRules.managed.create(letIn("a")), InvalidValueError);
    assert.match(
      error.message,
      /invalid connection type "broken".*repair it first|invalid connection type "broken".*not one that is changed here: repair it/,
    );
    assert.doesNotMatch(error.message, /s3cret/);
    assert.equal(own.bytes, broken);
    await hbaRules.alter((lines) => {
      lines.remove("broken line # ldapbindpasswd=s3cret");
      lines.remove('host all all all radius radiussecrets="s3cret"');
    });
    assert.equal(own.bytes, own.initial);
  });

  test("secrets in the file reach neither the server's log nor those who watch it", async () => {
    const cluster = await own.connect({ maxConnections: 1 });
    await cluster.execute("SET log_statement = 'none'");
    own.bytes = `${own.initial}host all x all radius radiusservers=127.0.0.1 radiussecrets=pa55word\n`;
    const log = (await own.server.log()).length;
    const seen: unknown[] = [];
    const list = meddled(cluster, /TO PROGRAM|pg_hba_file_rules/, async (_, count) => {
      if (count === 1) own.bytes = `${own.bytes}host all y all reject\n`; // a lost race: the command fails
      seen.push(...(await own.ask("SELECT query FROM pg_stat_activity")));
    });
    await list.append("host all z all reject");
    await failure(list.append("nonsense"), InvalidValueError);
    assert.match(own.bytes, /pa55word\nhost all y all reject\nhost all z all reject\n$/);
    assert.ok(seen.length > 4);
    assert.doesNotMatch(JSON.stringify(seen), /pa55word/);
    assert.match((await own.server.log()).slice(log), /program "exec sh" failed/);
    assert.doesNotMatch((await own.server.log()).slice(log), /pa55word/);
  });

  test("the guard keeps the connection that makes the change, unless told otherwise", async () => {
    const cluster = await own.connect({ maxConnections: 1 });
    const { managed } = cluster.hbaRules;
    const rule = letIn("nobody", { users: ["all"], method: "reject" });
    const error = await failure(managed.create(rule), RefusedError);
    assert.match(
      error.message,
      /would reject it, .* role postgres to database postgres from 127\.0\.0\.1\. .*allowLockout: true/,
    );
    assert.equal(own.bytes, own.initial);
    await managed.create({ ...rule, users: [{ name: "all" }, "other"] });
    await managed.alter("nobody", rule, { allowLockout: true });
    assert.equal(await own.letsIn("postgres"), false);
    await assert.rejects(own.ask("SELECT 1"), { code: "28000" });
    await managed.drop("nobody"); // on the connection that there is
    assert.deepEqual(await own.ask("SELECT 1"), [[1]]);
  });

  test("a rule for a group that the connection's role is in decides about it", async () => {
    await own.ask(
      "CREATE ROLE ops; CREATE ROLE inner_ops IN ROLE ops; CREATE ROLE deployer SUPERUSER LOGIN PASSWORD 'x12345' IN ROLE inner_ops",
    );
    const { hbaRules } = await own.connect({ user: "deployer", password: "x12345" });
    const rule = letIn("ops", { users: [{ group: "ops" }], method: "reject" });
    await failure(hbaRules.managed.create(rule), RefusedError);
    await hbaRules.managed.create({ ...rule, method: "md5" });
    assert.deepEqual(await own.ask("SELECT 1", { user: "deployer", password: "x12345" }), [[1]]);
    await hbaRules.managed.create(letIn("other", { users: [{ group: "pg_monitor" }], method: "reject", order: -5 }));
  });

  test("somebody else's change just before ours is not lost", async () => {
    const cluster = await own.connect();
    const list = meddled(cluster, SCRIPT, (_, count) => {
      if (count <= 2) own.bytes = `${own.bytes}host all them${count} all reject\n`;
    });
    await list.managed.create(letIn("a"));
    assert.match(
      own.bytes,
      /^host all a .*name=a order=-1\n(.*\n)*host all them1 all reject\nhost all them2 all reject\n$/m,
    );
    assert.deepEqual(own.leftovers, []);
  });

  test("somebody else's change while ours takes effect is kept, or ours made again", async () => {
    const cluster = await own.connect();
    await own.ask("CREATE ROLE late LOGIN");
    const append = meddled(cluster, RELOAD, (_, count) => {
      if (count === 1) own.bytes = `${own.bytes}host all them all reject\n`;
    });
    await append.managed.create(letIn("late"));
    assert.deepEqual([await own.letsIn("late"), await append.has("host all them all reject")], [true, true]);
    const saved = own.bytes;
    const revert = meddled(cluster, RELOAD, (_, count) => {
      if (count === 1) own.bytes = saved;
    });
    await revert.managed.alter("late", { comment: "again" });
    assert.equal((await revert.managed.observe("late"))?.rule?.comment, "again");
    assert.deepEqual(own.leftovers, []);
  });

  test("a connection that is lost over a write does not leave it open", async () => {
    for (const [index, point] of [CHECK, RELOAD, SCRIPT].entries()) {
      const cluster = await own.connect();
      const list = meddled(cluster, point, async (session, count) => {
        const at = point === SCRIPT ? 2 : 1; // the second script is the last step
        if (count === at) await session.query("SELECT pg_terminate_backend(pg_backend_pid())");
      });
      await list.managed.create(letIn(`lost${index}`));
      assert.equal((await list.managed.observe(`lost${index}`))?.inPlace, true, String(point));
      assert.deepEqual(own.leftovers, [], String(point));
    }
  });

  test("a connection that is lost over a look at the file leaves no doubt whether the rule was made", async () => {
    for (let at = 2; at <= 4; at++) {
      const list = meddled(await own.connect(), /pg_read_binary_file/, async (session, count) => {
        if (count === at) await session.query("SELECT pg_terminate_backend(pg_backend_pid())");
      });
      await list.managed.create(letIn(`looked${at}`));
      assert.equal((await list.managed.observe(`looked${at}`))?.inPlace, true, `look ${at}`);
    }
    assert.deepEqual(own.leftovers, []);
  });

  test("a command whose connection was lost, and that does its work all the same, is ours", async () => {
    const other = await own.connect();
    let script: unknown;
    const list = meddled(await own.connect(), SCRIPT, async (session, count) => {
      if (count === 1) {
        const { rows } = await session.query("SELECT current_setting('pgmob.script') AS script");
        script = (rows[0] as { script: string }).script;
        throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      }
      if (count > 2) return;
      await other.transaction(async ({ execute }) => {
        await execute("SELECT set_config('pgmob.script', $1, true)", [script]);
        await execute(`COPY (SELECT unnest(string_to_array(current_setting('pgmob.script'), E'\\n')))
          TO PROGRAM 'exec sh' (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ESCAPE E'\\x02')`);
      });
    });
    await list.managed.create(letIn("late"));
    assert.equal((await list.managed.observe("late"))?.inPlace, true);
    assert.deepEqual(own.leftovers, []);
  });

  test("a change that is cancelled at any moment is made or not, and leaves no file of ours", async () => {
    let cancelled = 0;
    for (let delay = 0; delay < 120; delay += 10) {
      const name = `cancelled${delay}`;
      const cancellations: Promise<unknown>[] = [];
      const list = meddled(await own.connect(), SCRIPT, async (session) => {
        const { rows } = await session.query("SELECT pg_backend_pid() AS pid");
        const { pid } = rows[0] as { pid: number };
        cancellations.push(sleep(delay).then(() => own.ask("SELECT pg_cancel_backend($1)", {}, [pid])));
      });
      const made = await list.managed.create(letIn(name)).then(
        () => true,
        ({ message }: Error) => {
          assert.match(message, /cancel|interrupt/i);
          return false;
        },
      );
      await Promise.all(cancellations);
      const there = await (await own.connect()).hbaRules.managed.observe(name); // which nobody cancels
      if (made) assert.equal(there?.inPlace, true, name);
      else cancelled += 1;
      assert.deepEqual(own.leftovers, [], `after ${delay} ms`);
    }
    assert.ok(cancelled > 0, "none was cancelled");
  });
});
