import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

const SECRET = "hunter2-secret";
const hidden = { $secret: SECRET };

/** Fails if the value of the secret, or a part of it, is in what was said or is in the state. */
async function notSaid(stack: Stack, output: string): Promise<void> {
  assert.doesNotMatch(output, /hunter2/);
  assert.doesNotMatch(JSON.stringify(await stack.workspace.export()), /hunter2/);
}

onEveryStack("what is marked as secret is not told by what the server says of it", async (stack) => {
  const name = uniqueName("told");
  const declared = (config: Record<string, unknown>): Program => ({
    shop: { type: "Database", args: { name, config } },
  });
  await stack.declare(declared({ work_mem: hidden, DateStyle: "ISO" }));
  await notSaid(stack, (await stack.workspace.preview({ diff: true })).output);
  const failed = await stack.fails("up");
  assert.match(failed, /database ".*": cannot create: invalid value for parameter "work_mem": "\[secret\]"/);
  await notSaid(stack, failed);
  const { deployment } = await stack.workspace.export();
  assert.match(String(deployment.resources?.find(({ urn }) => urn.endsWith("::shop"))?.initErrors), /"\[secret\]"/);

  // Of a value that is told in parts, no part is told. What is beside it is.
  await stack.declare(declared({ DateStyle: { $secret: "hunter2, hunter3" }, search_path: "public" }));
  const parts = await stack.fails("up");
  assert.match(parts, /cannot alter: invalid value for parameter "DateStyle": "\[secret\]"/);
  await notSaid(stack, parts);
  assert.doesNotMatch(parts, /hunter3/);

  await stack.declare(declared({ work_mem: { $secret: "8765kB" } }));
  assert.doesNotMatch(await stack.up({ update: 1 }), /8765/);
  assert.doesNotMatch(JSON.stringify(await stack.workspace.export()), /8765/);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("what is wrong beside a secret is told without it, in preview", async (stack) => {
  const refused = async (args: Record<string, unknown>, reason: RegExp) => {
    await stack.declare({ bad: { type: "Role", args } });
    const output = await stack.fails("preview");
    assert.match(output, reason);
    await notSaid(stack, output);
  };
  const parameters = /config must be configuration parameters by name, .*, which "work_mem" is not/;
  await refused({ config: { "app.api_key": hidden, work_mem: null } }, parameters);
  await refused({ configInDatabase: { shop: { work_mem: hidden, "": 1 } } }, /, which "" in "shop" is not/);
  await refused({ memberOf: [hidden, ""] }, /memberOf must be a list of roles/);
  await refused({ connectionLimit: hidden }, /connectionLimit must be a whole number/);
  await refused({ validUntil: { $secret: `${SECRET}Z` } }, /validUntil must be a time/);
  // Beside it, what is in the open is told as before.
  await refused({ comment: hidden, connectionLimit: -2 }, /property connectionLimit value \{-2\} has a problem/);
});

onEveryStack("what is secret is in no refusal and no look ahead", async (stack) => {
  const name = uniqueName("refused");
  stack.settings = { previewChecks: true };
  const declared = (args: Record<string, unknown>): Program => ({
    shop: { type: "Database", args: { name, ...args } },
  });
  await stack.declare(declared({ owner: hidden }));
  const missing = await stack.fails("preview");
  assert.match(missing, /owner: role "\[secret\]" does not exist/);
  await notSaid(stack, missing);
  await stack.declare(declared({ template: "template0", encoding: { $secret: "LATIN1" }, locale: "C" }));
  await stack.up({ create: 3 });
  await stack.declare(declared({ template: "template0", encoding: { $secret: "LATIN2" }, locale: "C" }));
  const guarded = await stack.fails("preview");
  assert.match(guarded, /encoding is "\[secret\]" and cannot become "\[secret\]" in place/);
  assert.doesNotMatch(guarded + JSON.stringify(await stack.workspace.export()), /LATIN/);
  await stack.destroy();
});
