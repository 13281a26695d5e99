import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hooks } from "../../../provider/configured-hooks";
import type { Values } from "../../../provider/definition";
import { hooks } from "../../../provider/hooks";

/** The hooks of a command, whose server nobody can reach. */
function configured(settings: Record<string, unknown> = {}): Hooks {
  const found = hooks("Command");
  const all: Record<string, unknown> = { "pgmob:host": "192.0.2.1", "pgmob:connectTimeout": 1, ...settings };
  void found.configure({ config: { get: (key) => all[key] } });
  return found;
}

const STATE: Values = {
  name: "seed",
  create: { sql: "SELECT 1" },
  systemIdentifier: "7",
  rows: [{ a: 1 }],
  rowCount: 1,
};

describe("what a command does without a server", () => {
  it("is checked, with the settings of the Provider", async () => {
    const { inputs, failures } = await configured({ "pgmob:port": "x" }).check(
      {},
      { name: "seed", create: { sql: "" } },
    );
    assert.deepEqual(inputs, { name: "seed", create: { sql: "" } });
    assert.deepEqual(
      failures.map(({ property, reason }) => [property, reason.slice(0, 27)]),
      [
        ["", "create has sql without a st"],
        ["", "the Provider's port must be"],
      ],
    );
  });

  it("is compared", async () => {
    const news = { name: "seed", create: { sql: "SELECT 1" } };
    assert.equal((await configured().diff("seed", STATE, news)).changes, false);
    assert.deepEqual((await configured().diff("seed", STATE, { ...news, triggers: [1] })).replaces, ["triggers"]);
  });

  it("is as it was after a refresh", async () => {
    assert.deepEqual(await configured().read("postgres/seed", STATE), { id: "postgres/seed", props: STATE });
  });

  it("cannot be looked up", async () => {
    const looked = configured().read("postgres/seed", {});
    await assert.rejects(looked, /command "postgres\/seed": there is nothing of it on the server to look up/);
  });

  it("is deleted, where nothing is to be run then", async () => {
    for (const last of [undefined, null] as unknown as Values[string][]) {
      await configured().delete("seed", { ...STATE, ...(last === undefined ? {} : { delete: last }) });
    }
    await assert.rejects(configured().delete("seed", { ...STATE, delete: { sql: "SELECT 1" } }), /192\.0\.2\.1/);
  });
});
