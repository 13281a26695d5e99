import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { types } from "pg";
import { becomeRole, PgSession, sessionStart, timeouts } from "../../provider/pg-session";
import { resolveSettings } from "../../provider/settings";
import { HOSTILE_NAMES, id } from "./samples";

describe("what every session starts with", () => {
  it("both timeouts", () => {
    const settings = resolveSettings({ statementTimeout: "1min", lockTimeout: 5 }, {}, { name: "me", home: "" });
    assert.equal(sessionStart(settings).text, "SET statement_timeout = 60000; SET lock_timeout = 5");
    assert.equal(timeouts(0, 0).text, "SET statement_timeout = 0; SET lock_timeout = 0");
  });
  it("and the role to become", () => {
    for (const become of HOSTILE_NAMES) {
      const settings = resolveSettings({ become }, {}, { name: "me", home: "" });
      assert.ok(sessionStart(settings).text.endsWith(`; SET ROLE ${id(become)}`));
      assert.equal(becomeRole(become).text, `SET ROLE ${id(become)}`);
    }
  });
});

describe("PgSession", () => {
  interface Config {
    text: string;
    values?: unknown[];
    rowMode?: string;
    types: { getTypeParser(oid: number, format?: "text" | "binary"): (text: string) => unknown };
  }

  async function query(result: unknown, ...args: [params?: unknown[], shape?: "object" | "array"]) {
    let config: Config | undefined;
    const client = {
      query: async (given: object) => {
        config = given as Config;
        return result;
      },
    };
    const found = await new PgSession(client, "shop").query("SELECT", ...args);
    return { found, config: config as Config };
  }

  it("sends no parameter list when there is none, so that several statements are possible", async () => {
    const { config } = await query({ rows: [], rowCount: 0, command: "SELECT" });
    assert.ok(!("values" in config));
    assert.equal(config.rowMode, undefined);
  });

  it("sends parameters, an empty list too, and asks for arrays where they are wanted", async () => {
    for (const params of [[], [1, null]]) {
      const { config } = await query({ rows: [], rowCount: 0, command: "SELECT" }, params, "array");
      assert.deepEqual([config.values, config.rowMode], [params, "array"]);
    }
  });

  it("gives the last of several results, and never null", async () => {
    const last = { rows: [[1]], rowCount: 1, command: "SELECT" };
    assert.deepEqual((await query([{ rows: [], rowCount: 9, command: "SET" }, last])).found, last);
    const nothing = { rows: undefined, rowCount: null, command: null };
    assert.deepEqual((await query(nothing)).found, { rows: [], rowCount: 0, command: "" });
  });

  it("reads exact numbers as text whatever pg's parsers are, and leaves those alone", async () => {
    const before = [20, 1700, 1016, 1231, 23].map((oid) => types.getTypeParser(oid));
    const { config } = await query({ rows: [], rowCount: 0, command: "" });
    const read = (oid: number, text: string) => config.types.getTypeParser(oid)(text);
    assert.equal(read(20, "9223372036854775807"), "9223372036854775807");
    assert.equal(read(1700, "0.10"), "0.10");
    assert.deepEqual(read(1016, "{9223372036854775807,NULL}"), ["9223372036854775807", null]);
    assert.deepEqual(read(1231, "{{0.10}}"), [["0.10"]]);
    assert.equal(read(23, "5"), 5);
    assert.deepEqual(
      [20, 1700, 1016, 1231, 23].map((oid) => types.getTypeParser(oid)),
      before,
    );
  });

  it("has the process id that the server told, or else the driver's", () => {
    const client = { query: async () => ({}), processID: 5 };
    assert.deepEqual([new PgSession(client, "d", 7).pid, new PgSession(client, "d").pid], [7, 5]);
  });

  describe("ask", () => {
    interface Named {
      name?: string;
      text: string;
      values: unknown[];
    }

    async function ask(own: boolean, texts: string[], failure?: { name?: string; code: string }) {
      const sent: Named[] = [];
      const client = {
        query: async (given: object) => {
          sent.push(given as Named);
          if (failure !== undefined && "name" in given === (failure.name !== undefined))
            throw Object.assign(new Error("no"), { code: failure.code });
          return { rows: [], rowCount: 0, command: "SELECT" };
        },
      };
      const session = new PgSession(client, "shop", own ? 4711 : undefined);
      for (const text of texts) await session.ask(text, [1]);
      return sent;
    }

    it("names the plan after the text, on a connection of our own", async () => {
      const [first, second, again] = await ask(true, ["SELECT 1", "SELECT 2", "SELECT 1"]);
      assert.match(first?.name ?? "", /^pgmob_[0-9a-f]{32}$/);
      assert.notEqual(first?.name, second?.name);
      assert.equal(first?.name, again?.name);
      assert.deepEqual(first?.values, [1]);
    });

    it("leaves nothing on a connection that is lent", async () => {
      for (const sent of await ask(false, ["SELECT 1"])) assert.ok(!("name" in sent));
    });

    it("asks without a plan where somebody has thrown it away; other errors pass", async () => {
      const sent = await ask(true, ["SELECT 1"], { name: "x", code: "26000" });
      assert.deepEqual(
        sent.map(({ name }) => name !== undefined),
        [true, false],
      );
      await assert.rejects(ask(true, ["SELECT 1"], { name: "x", code: "42501" }), /no/);
    });

    it("takes a plan that is there already, and not by us, for a session that others use", async () => {
      await assert.rejects(ask(true, ["SELECT 1"], { name: "x", code: "42P05" }), /a pooler gives each transaction/);
    });
  });
});
