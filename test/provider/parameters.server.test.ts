import assert from "node:assert/strict";
import { canonicalSetting, isNameList } from "../../provider/parameters";
import { onEachServer } from "./scene";

/** How each kind of parameter shows in `canonicalSetting`: two spellings that are one, and two that are not. */
const ONE_AND_TWO: Readonly<Record<string, [one: [string, string], two: [string, string]]>> = {
  bool: [
    ["on", "yes"],
    ["on", "off"],
  ],
  enum: [
    ["Word", "word"],
    ["word", "other"],
  ],
  string: [
    ["same", "same"],
    ["Text", "text"],
  ],
  number: [
    ["1.0", "1"],
    ["1", "2"],
  ],
  ms: [
    ["1s", "1000"],
    ["1s", "1"],
  ],
  s: [
    ["1min", "60"],
    ["1min", "1"],
  ],
  B: [
    ["1kB", "1024"],
    ["1kB", "1"],
  ],
  kB: [
    ["1MB", "1024"],
    ["1MB", "1"],
  ],
  "8kB": [
    ["8MB", "1024"],
    ["8MB", "8"],
  ],
};

onEachServer("every parameter that can be set for a role is compared as its type says", async (scene) => {
  const rows = (await scene.ask(
    `SELECT name, coalesce(unit, CASE WHEN vartype IN ('integer', 'real') THEN 'number' ELSE vartype END)
       FROM pg_settings WHERE context IN ('user', 'superuser', 'backend', 'superuser-backend') AND name NOT LIKE '%.%'`,
  )) as [string, string][];
  assert.ok(rows.length > 150);
  // Flags before they became words of a list, or the other way round.
  const changed = new Set(["log_connections", "wal_compression"]);
  for (const [name, kind] of rows) {
    if (isNameList(name) || changed.has(name)) continue;
    const [one, two] = ONE_AND_TWO[kind] ?? assert.fail(`${name} is of a new kind, ${kind}`);
    const [left, right] = one.map((value) => canonicalSetting(name, value));
    assert.equal(left, right, `${name} (${kind})`);
    const [first, second] = two.map((value) => canonicalSetting(name, value));
    assert.notEqual(first, second, `${name} (${kind})`);
  }
});

onEachServer("lists of names are just those that the server quotes name by name", async (scene) => {
  const lists: string[] = [];
  const client = await scene.client();
  const names = (
    await scene.ask("SELECT name FROM pg_settings WHERE vartype = 'string' AND context IN ('user', 'superuser')")
  ).flat() as string[];
  for (const name of names) {
    await client.query("BEGIN");
    // Only such a list puts quotes around a name that needs them.
    await client.query(`SET LOCAL ${name} TO 'Up, per'`).catch(() => undefined);
    const shown = await client.query(`SHOW ${name}`).catch(() => ({ rows: [{}] }));
    if (Object.values(shown.rows[0] as object)[0] === '"Up, per"') lists.push(name);
    await client.query("ROLLBACK");
  }
  assert.ok(lists.includes("search_path"));
  for (const name of lists) assert.ok(isNameList(name), name);
});
