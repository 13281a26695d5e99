import assert from "node:assert/strict";
import fc from "fast-check";
import { PostgresError } from "../../provider";
import { shellWord } from "../../provider/shell";
import { uniqueName } from "../support/postgres-fixture";
import { onEachServer } from "./scene";

onEachServer("a command reads what it is given, every byte, and no log shows it", async (scene) => {
  const cluster = await scene.connect();
  const all = Uint8Array.from({ length: 3000 }, (_, at) => at % 256);
  assert.deepEqual([...(await cluster.runOsCommand("cat", { stdin: all })).bytes.stdout], [...all]);
  assert.equal((await cluster.runOsCommand("cat; echo end", { stdin: "" })).stdout, "end\n");
  const secret = uniqueName("s3cret");
  await cluster.transaction(async ({ execute }) => execute("SELECT 1"));
  const logging = await scene.connect({ maxConnections: 1 });
  await logging.execute("SET log_statement = 'all'");
  const before = (await scene.server.log()).length;
  assert.equal((await logging.runOsCommand("cat", { stdin: secret })).stdout, secret);
  const log = (await scene.server.log()).slice(before);
  assert.match(log, /FROM STDIN/);
  assert.doesNotMatch(log, new RegExp(secret));
});

onEachServer("unlimited: the statement timeout does not apply", async (scene) => {
  const cluster = await scene.connect({ statementTimeout: "300ms" });
  await assert.rejects(cluster.runOsCommand("sleep 1"), PostgresError);
  assert.equal((await cluster.runOsCommand("sleep 0.6; echo done", { unlimited: true })).stdout, "done\n");
});

onEachServer("any text is one word of a command", async (scene) => {
  const cluster = await scene.connect();
  const text = fc.string({ unit: fc.constantFrom(..."ab'\"\\$%`#!&|;<>()[]{}*?~\n\r\t -=é🐘") });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (words) => {
      const { stdout } = await cluster.runOsCommand(`printf '<%s>' ${words.map(shellWord).join(" ")}`);
      assert.equal(stdout, words.map((word) => `<${word}>`).join(""));
    }),
    { numRuns: 20 },
  );
  assert.throws(() => shellWord("a\0b"), TypeError);
});
