import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { PermissionError, PostgresError, ShellCommandError } from "../../provider";
import { temporaryRoot } from "../support/postgres";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { failure, onEachServer } from "./scene";

onEachServer("a command's exit code and both of its outputs come back apart, with every byte", async (scene) => {
  const cluster = await scene.connect();
  const { bytes, ...result } = await cluster.runOsCommand("echo out; echo err >&2; echo more; exit 3", {
    check: false,
  });
  assert.deepEqual(result, { exitCode: 3, stdout: "out\nmore\n", stderr: "err\n" });
  assert.deepEqual(Buffer.from(bytes.stderr).toString(), "err\n");
  assert.equal((await cluster.runOsCommand("printf 'no end of line'")).stdout, "no end of line");
  assert.deepEqual(await cluster.runOsCommand(""), {
    exitCode: 0,
    stdout: "",
    stderr: "",
    bytes: { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) },
  });
  const all = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const printed = await cluster.runOsCommand(`printf '${all}'; printf '\\\\.\\n\\\\N\\n%%d' >&2`);
  assert.deepEqual(
    [...printed.bytes.stdout],
    Array.from({ length: 256 }, (_, byte) => byte),
  );
  assert.equal(printed.stderr, "\\.\n\\N\n%d");
});

/** Text for a shell in single quotes. */
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

onEachServer("any text of a shell is run just as it is written", async (scene) => {
  const cluster = await scene.connect();
  const table: [command: string, output: string][] = [
    ['x=1; echo $x $(echo `echo two`) "$((1 + 2))"', "1 two 3\n"],
    ["echo '$x `y` $(z) $$'", "$x `y` $(z) $$\n"],
    ["printf '%s|' \"100%d %s\" 'a\\b' \"c\\\"d\" e\\'f", "100%d %s|a\\b|c\"d|e'f|"],
    ["cat <<'EOF'\n$x\\\n\tEND\nEOF", "$x\\\n\tEND\n"],
    ["cat <<EOF\nmain() {\n}\nmain\nEOF\n", "main() {\n}\nmain\n"],
    ["# a comment\necho a \\\n  b # c", "a b\n"],
    ["printf '%s' 'naïve 🐘 \u0081\u0085'", "naïve 🐘 \u0081\u0085"],
    ["printf '%s' 'a\r\nb\u000b\u0001\u0002'", "a\r\nb\u000b\u0001\u0002"],
    ["cat; echo end", "end\n"],
    ["false; echo $?", "1\n"],
    ["-n 2>/dev/null; echo $?", "127\n"],
  ];
  for (const [command, output] of table) assert.equal((await cluster.runOsCommand(command)).stdout, output, command);

  const latin1 = Buffer.from("printf '%s' 'caf\xe9'", "latin1");
  assert.deepEqual(Buffer.from((await cluster.runOsCommand(latin1)).bytes.stdout).toString("latin1"), "caf\xe9");

  const text = fc.string({ unit: fc.constantFrom(..."ab'\"\\$%`#!&|;<>()[]{}*?~\n\r\t -=é🐘") });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 5 }), async (words) => {
      const { stdout } = await cluster.runOsCommand(`printf '<%s>' ${words.map(quote).join(" ")}`);
      assert.equal(stdout, words.length === 0 ? "<>" : words.map((word) => `<${word}>`).join(""));
    }),
    { numRuns: 40 },
  );
  await assert.rejects(cluster.runOsCommand("a\0b"), TypeError);
});

onEachServer("long commands and long outputs pass", async (scene) => {
  const cluster = await scene.connect();
  const long = "0123456789abcdef\n".repeat(20_000);
  assert.equal((await cluster.runOsCommand(`cat <<'EOF'\n${long}EOF\n`)).stdout, long);
  const { bytes } = await cluster.runOsCommand("head -c 3000000 /dev/zero; head -c 70000 /dev/zero >&2");
  assert.deepEqual([bytes.stdout.length, bytes.stderr.length], [3_000_000, 70_000]);
});

onEachServer("an exit code other than 0 is an error, unless told not to check", async (scene) => {
  const cluster = await scene.connect();
  const error = await failure(
    cluster.runOsCommand("echo s3cret >/dev/null; echo done; echo why % $x >&2; exit 7"),
    ShellCommandError,
  );
  assert.equal(error.message, "the command ended with exit code 7. why %");
  assert.deepEqual([error.result.exitCode, error.result.stdout, error.result.stderr], [7, "done\n", "why %\n"]);
  assert.ok(error instanceof PostgresError);
  for (const [command, exitCode] of [
    ["exit 255", 255],
    ["kill -9 $$", 137],
    ["no_such_command_here", 127],
    ["if", 2],
  ] as const) {
    assert.equal((await cluster.runOsCommand(command, { check: false })).exitCode, exitCode, command);
    await assert.rejects(cluster.runOsCommand(command), ShellCommandError);
  }
});

onEachServer("commands run side by side, as the server's user, and leave nothing", async (scene) => {
  const cluster = await scene.connect({ maxConnections: 4 });
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => cluster.runOsCommand(`echo ${i}; exit ${i % 3}`, { check: false })),
  );
  for (const [i, { exitCode, stdout }] of results.entries()) assert.deepEqual([exitCode, stdout], [i % 3, `${i}\n`]);
  assert.equal((await cluster.runOsCommand("pwd")).stdout, `${scene.server.dataDir}\n`);
  assert.equal(await cluster.runOsCommand("kill -9 $PPID; echo", { check: false }).catch(() => "killed"), "killed");
  const folders = (await Promise.all([tmpdir(), await temporaryRoot()].map((folder) => readdirSync(folder)))).flat();
  assert.deepEqual(
    folders.filter((name) => /^pgmob-[0-9a-f]{32}$/.test(name)),
    [],
  );
  assert.deepEqual(await cluster.execute("SELECT relname FROM pg_class WHERE relname LIKE 'pgmob%'"), []);
});

onEachServer("neither the list of processes nor an error shows a command", async (scene) => {
  const cluster = await scene.connect();
  const { stdout } = await cluster.runOsCommand("cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' '; echo; : hunter22");
  assert.doesNotMatch(stdout, /hunter22/);
  const error = await failure(cluster.runOsCommand("kill -9 $PPID; : hunter22"), PostgresError);
  assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /hunter22/);
});

onEachServer("whoever may not run programs is told which grant is missing", async (scene) => {
  const [name, password] = [uniqueName("plain"), "x12345"];
  await scene.ask(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
  const cluster = await scene.connect({ user: name, password });
  const error = await failure(cluster.runOsCommand("echo"), PermissionError);
  assert.equal(error.sqlstate, "42501");
  assert.match(
    error.message,
    new RegExp(
      `^"${name}" may not run programs on the server's host\\. Let a superuser run: GRANT pg_execute_server_program TO "${name}"\\. A managed service`,
    ),
  );
  await scene.ask(`GRANT pg_execute_server_program TO ${name}`);
  assert.equal((await cluster.runOsCommand("echo fine")).stdout, "fine\n");

  const database = await freshDatabase(scene.server);
  await scene.ask(`REVOKE TEMPORARY ON DATABASE ${database.name} FROM public`);
  assert.match(
    (await failure(cluster.in(database.name).runOsCommand("echo"), PermissionError)).message,
    new RegExp(
      `temporary table, and permission denied .* GRANT TEMPORARY ON DATABASE "${database.name}" TO "${name}"$`,
    ),
  );
  await scene.ask(`ALTER ROLE ${name} SET default_transaction_read_only = on`);
  const reader = await scene.connect({ user: name, password });
  assert.match(
    (await failure(reader.runOsCommand("echo"), PostgresError)).message,
    /read-only.*connect to the primary$/,
  );
});
