import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Statement } from "../../provider/definition";
import { AlreadyExistsError, ConflictError, PostgresError } from "../../provider/errors";
import { groups, type Progress, run } from "../../provider/runner";
import { identifier, secretLiteral, sql } from "../../provider/sql";
import { type Answer, BEGIN, clusterOver, connectionLost, FakeAdapter, serverError, XID } from "./fake-adapter";
import { texts } from "./samples";

/** The beginning of a transaction, as the log has it. */
const begun = BEGIN.map((text) => `> ${text}`);
const PURPOSE = { object: 'role "a"', intent: "alter" };
const a: Statement = { sql: sql`A` };
const b: Statement = { sql: sql`B` };
const alone: Statement = { sql: sql`ALONE`, alone: true };
const unlimited: Statement = { sql: sql`LONG`, alone: true, unlimited: true };

/** Answers a text with an error, so many times; then as always. */
function failing(text: string, times: number, error: () => Error): Answer {
  let left = times;
  return (sent) => {
    if (sent !== text || left-- <= 0) return undefined;
    throw error();
  };
}

async function sent(statements: Statement[], answer?: Answer, database?: string): Promise<string[]> {
  const adapter = new FakeAdapter(answer);
  await run(clusterOver(adapter, database), statements, PURPOSE);
  return adapter.log;
}

/** The error of a run, what was sent until then, and how far it came. */
async function failure(statements: Statement[], answer: Answer, purpose = PURPOSE) {
  const adapter = new FakeAdapter(answer);
  const progress: Progress = { committed: false };
  const error = await run(clusterOver(adapter), statements, purpose, progress).then(
    () => assert.fail("must fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PostgresError, inspect(error));
  return { error, sent: adapter.sent, progress };
}

describe("groups", () => {
  const table: [what: string, statements: Statement[], expected: string[][]][] = [
    ["nothing", [], []],
    ["one transaction", [a, b], [["A", "B"]]],
    ["alone", [alone], [["ALONE"]]],
    ["before, alone, after", [a, b, alone, b, a], [["A", "B"], ["ALONE"], ["B", "A"]]],
    ["two alone", [alone, alone, a], [["ALONE"], ["ALONE"], ["A"]]],
  ];
  for (const [what, statements, expected] of table) {
    it(what, () => assert.deepEqual(groups(statements).map(texts), expected));
  }
});

describe("statements of a transaction that lead to others, or hold a text of the user's", () => {
  it("what rows lead to is run next, and what that leads to", async () => {
    const leaf = (text: string): Statement => ({ sql: sql`LEAF ${text}` });
    const branch: Statement = {
      sql: sql`BRANCH`,
      next: (rows) => (rows as { n: string }[]).map(({ n }) => ({ sql: sql`TWIG`, next: () => [leaf(n)] })),
    };
    const answer: Answer = (text) => (text === "BRANCH" ? [{ n: "1" }, { n: "2" }] : undefined);
    assert.deepEqual(await sent([a, branch, b], answer), [
      ...[
        "use postgres",
        "> BEGIN",
        `> ${XID}`,
        "> A",
        "> BRANCH",
        "> TWIG",
        "> LEAF '1'",
        "> TWIG",
        "> LEAF '2'",
        "> B",
      ],
      "> COMMIT",
    ]);
  });

  it("a text of the user's is sent with an empty list of parameters, and nothing else is", async () => {
    const params: unknown[] = [];
    await sent([a, { sql: sql`USER`, single: true }, b], (text, given) => {
      if (/^[A-Z]+$/.test(text) && text !== "BEGIN" && text !== "COMMIT") params.push([text, given]);
      return undefined;
    });
    assert.deepEqual(params, [
      ["A", undefined],
      ["USER", []],
      ["B", undefined],
    ]);
  });

  it("a look that refuses takes everything back", async () => {
    const look: Statement = {
      sql: sql`LOOK`,
      rows: () => {
        throw new AlreadyExistsError("not what was meant");
      },
    };
    const { error, sent: all, progress } = await failure([a, look, b], () => undefined);
    assert.equal(error.message, 'role "a": cannot alter: not what was meant');
    assert.deepEqual([all.at(-1), all.includes("B"), progress.committed], ["ROLLBACK", false, false]);
  });
});

describe("run", () => {
  it("nothing sends nothing", async () => assert.deepEqual(await sent([]), []));

  it("statements share a transaction", async () => {
    assert.deepEqual(await sent([a, b]), ["use postgres", ...begun, "> A", "> B", `> ${XID}`, "> COMMIT"]);
  });

  it("in the database that is named", async () => {
    assert.equal((await sent([a], undefined, "shop"))[0], "use shop");
  });

  it("one that must stand alone has no transaction", async () => {
    assert.deepEqual(await sent([a, alone, b]), [
      ...["use postgres", ...begun, "> A", `> ${XID}`, "> COMMIT"],
      ...["use postgres", "> ALONE"],
      ...["use postgres", ...begun, "> B", `> ${XID}`, "> COMMIT"],
    ]);
  });

  it("keeps our own connections out of every database named, for as long as it takes", async () => {
    const statements = [
      { ...a, without: "x" },
      { ...b, without: "y" },
      { ...a, without: "x" },
    ];
    const log = await sent([...statements, { ...alone, without: "z" }]);
    assert.deepEqual(
      log.filter((line) => !line.startsWith("> ")),
      [
        ...["without y", "without x", "use postgres", "end without x", "end without y"],
        ...["without z", "use postgres", "end without z"],
      ],
    );
  });

  it("lifts the timeouts for what may take long, and puts them back", async () => {
    const set: unknown[] = [];
    const answer: Answer = (text, params) => {
      if (text.startsWith("SELECT pg_catalog.current_setting")) return [["7s", "10s"]];
      if (text.includes("set_config")) set.push(params);
      else if (text === "LONG") assert.deepEqual(set, [["0", "0"]]);
      return undefined;
    };
    const log = await sent([unlimited], answer);
    assert.deepEqual(set, [
      ["0", "0"],
      ["7s", "10s"],
    ]);
    assert.ok(!log.includes("> BEGIN"));
    set.length = 0;
    await failure([unlimited], (text, params, database) => {
      if (text === "LONG") throw serverError("42P04", "exists");
      return answer(text, params, database);
    });
    assert.deepEqual(
      set,
      [
        ["0", "0"],
        ["7s", "10s"],
      ],
      "after a failure, too",
    );
  });
});

describe("retries", () => {
  const conflicts: [what: string, error: () => Error][] = [
    ["tuple concurrently updated", () => serverError("XX000", "tuple concurrently updated")],
    ["deadlock", () => serverError("40P01", "deadlock detected")],
    ["serialisation failure", () => serverError("40001", "could not serialize access")],
    ["the catalogue's unique index", () => serverError("23505", "duplicate key", { constraint: "pg_auth_members_x" })],
    ["a connection that was lost", connectionLost],
  ];
  for (const [what, error] of conflicts) {
    it(`${what}: the whole transaction again`, async () => {
      const log = await sent([a, b], failing("B", 2, error));
      const once = ["use postgres", ...begun, "> A", "> B"];
      assert.deepEqual(log, [...once, "> ROLLBACK", ...once, "> ROLLBACK", ...once, `> ${XID}`, "> COMMIT"]);
    });
  }

  it("a committed group is not run again when a later one is retried", async () => {
    const log = await sent([a, alone, b], failing("B", 1, conflicts[0]?.[1] as () => Error));
    assert.deepEqual(
      log.filter((line) => /^> [A-Z]+$/.test(line) && line !== "> BEGIN"),
      ["> A", "> COMMIT", "> ALONE", "> B", "> ROLLBACK", "> B", "> COMMIT"],
    );
  });

  it("alone: conflicts and a busy template, never a lost connection, whose outcome nobody knows", async () => {
    const busy = () => serverError("55006", 'source database "template1" is being accessed by other users');
    for (const error of [busy, conflicts[0]?.[1] as () => Error]) {
      assert.equal((await sent([alone], failing("ALONE", 2, error))).filter((line) => line === "> ALONE").length, 3);
    }
    const { error, sent: lost } = await failure([alone], failing("ALONE", 1, connectionLost));
    assert.equal(error.name, "ConnectionError");
    assert.deepEqual(lost, ["ALONE"]);
  });

  it("what says that it is not repeatable, or that it is: whatever it is", async () => {
    let tries = 0;
    const performing = (repeatable: boolean, error: () => Error): Statement => ({
      ...{ sql: sql`PERFORM`, alone: true, repeatable },
      perform: async () => {
        if (++tries < 3) throw error();
      },
    });
    const conflict = conflicts[0]?.[1] as () => Error;
    for (const error of [conflict, connectionLost]) {
      tries = 0;
      await sent([performing(true, error)]);
      assert.equal(tries, 3);
      tries = 0;
      await failure([performing(false, error)], () => undefined);
      assert.equal(tries, 1);
    }
  });

  describe("of what shows by itself whether it was done", () => {
    /** Runs with a look at the object, which each time says the next of these. */
    async function looking(statements: Statement[], looks: boolean[], answer: Answer) {
      const adapter = new FakeAdapter(answer);
      const progress: Progress = { committed: false };
      const left = [...looks];
      const isDone = async () => left.shift() ?? assert.fail("nobody needs to look");
      await run(clusterOver(adapter), statements, { ...PURPOSE, isDone }, progress);
      assert.deepEqual([left, progress.committed], [[], true]);
      return adapter.sent.filter((text) => text === "A").length;
    }
    const table: [what: string, looks: boolean[], error: () => Error, failures: number, tries: number][] = [
      ["done when its connection was lost: not again", [true], connectionLost, 1, 1],
      ["not done: again", [false], connectionLost, 1, 2],
      ["done when it was lost once more", [false, true], connectionLost, 2, 2],
      ["a conflict is no doubt", [], conflicts[0]?.[1] as () => Error, 2, 3],
    ];
    for (const [what, looks, error, failures, tries] of table) {
      it(what, async () => {
        assert.equal(await looking([a], looks, failing("A", failures, error)), tries);
        // Where rows are needed, the transaction is not one text.
        const rows: Statement = { ...b, rows: () => undefined };
        assert.equal(await looking([a, rows], looks, failing("A", failures, error)), tries);
      });
    }

    it("what came before it is taken back without a look", async () => {
      const undoing: Statement = { ...alone, undo: [a] };
      const answer = failing("A", 1, connectionLost);
      const isDone = () => assert.fail("nobody needs to look");
      const { error, sent: all } = await failure(
        [undoing],
        (text, ...rest) => {
          if (text === "ALONE") throw serverError("42501", "no");
          return answer(text, ...rest);
        },
        { ...PURPOSE, isDone } as typeof PURPOSE,
      );
      assert.match(error.message, /: no$/);
      assert.deepEqual(all, ["ALONE", ...BEGIN, "A", "ROLLBACK", ...BEGIN, "A", XID, "COMMIT"]);
    });
  });

  it("nothing else is tried again", async () => {
    const alone = ["BEGIN", "A", "ROLLBACK"]; // with the session's own limits
    for (const code of ["42501", "55006", "2BP01", "55P03", "57014", "XX000"]) {
      const { sent: once } = await failure(
        [a],
        failing("A", 9, () => serverError(code, "no")),
      );
      const tooLong = code === "55P03" || code === "57014";
      assert.deepEqual(once, [...BEGIN, "A", "ROLLBACK", ...(tooLong ? alone : [])], code);
    }
  });

  it("gives up in the end, as a conflict", async () => {
    const { error, sent: all } = await failure(
      [a],
      failing("A", 999, () => serverError("40001", "again")),
    );
    assert.ok(error instanceof ConflictError);
    assert.equal(all.filter((text) => text === "A").length, 12);
  });
});

describe("failures", () => {
  it("say object, intent, reason and what to do, as the error class of the SQLSTATE", async () => {
    const error = () => serverError("42710", "role exists", { detail: "Detail.", hint: "Hint." });
    const plain = (await failure([a], failing("A", 1, error))).error;
    assert.ok(plain instanceof AlreadyExistsError);
    assert.equal(plain.message, 'role "a": cannot alter: role exists. Detail. Hint');
    assert.equal(plain.sqlstate, "42710");
    const remedy = ({ code }: { code?: string }) => (code === "42710" ? "Do this" : undefined);
    const told = (await failure([a], failing("A", 1, error), { ...PURPOSE, remedy } as typeof PURPOSE)).error;
    assert.equal(told.message, 'role "a": cannot alter: role exists. Detail. Do this');
  });

  it("show no secret of any statement in the transaction", async () => {
    const statements = [
      { sql: sql`ALTER ROLE ${identifier("a")} PASSWORD ${secretLiteral("it's secret\\4711")}` },
      { sql: sql`SELECT ${secretLiteral("secret-4712")}` },
    ];
    const { error } = await failure(statements, (text) => {
      if (!text.startsWith("SELECT '")) return undefined;
      throw serverError("42601", `syntax error at or near "${text}"`, { detail: statements[0]?.sql.text, hint: text });
    });
    assert.match(error.message, /\[secret\]/);
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /4711|4712|it'/);
  });

  it("know whether anything was committed", async () => {
    const boom = (text: string) => failing(text, 1, () => serverError("42501", "no"));
    assert.equal((await failure([a, b], boom("B"))).progress.committed, false);
    assert.equal((await failure([a, alone], boom("ALONE"))).progress.committed, true);
    const progress: Progress = { committed: false };
    await run(clusterOver(new FakeAdapter()), [a], PURPOSE, progress);
    assert.equal(progress.committed, true);
  });

  describe("undo", () => {
    const undoing: Statement = { ...alone, undo: [{ sql: sql`U1` }, { sql: sql`U2` }] };
    const boom = (text: string) => failing(text, 1, () => serverError("42501", `no ${text}`));

    it("takes back what came before, in a transaction, and tells the first error", async () => {
      const { error, sent: all } = await failure([a, undoing, b], boom("ALONE"));
      assert.deepEqual(all, [...BEGIN, "A", XID, "COMMIT", "ALONE", ...BEGIN, "U1", "U2", XID, "COMMIT"]);
      assert.match(error.message, /no ALONE/);
    });
    it("that fails itself does not hide the first error", async () => {
      const answer: Answer = (text) => {
        if (text === "ALONE" || text === "U2") throw serverError("42501", `no ${text}`);
        return undefined;
      };
      const { error, sent: all } = await failure([a, undoing], answer);
      assert.match(error.message, /no ALONE\. What came before could not be taken back \(no U2\): run U1; U2$/);
      assert.equal(error.sqlstate, "42501");
      assert.equal(all.at(-1), "ROLLBACK");
    });
    it("has nothing to say when the answer of a drop was lost, and not the drop", async () => {
      const gone = failing("U1", 1, () => serverError("3D000", 'database "a" does not exist'));
      const answer: Answer = (text) => {
        if (text === "ALONE") throw connectionLost();
        return gone(text, [], "postgres");
      };
      const { error } = await failure([undoing], answer);
      assert.equal(error.name, "ConnectionError");
      assert.doesNotMatch(error.message, /taken back/);
    });
    it("is not run when another statement fails, or none", async () => {
      assert.ok(!(await failure([a, undoing, b], boom("B"))).sent.includes("U1"));
      assert.ok(!(await sent([a, undoing])).includes("> U1"));
    });
  });
});
