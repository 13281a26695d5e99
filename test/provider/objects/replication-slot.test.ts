import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkInputs, diffInputs } from "../../../provider/check";
import type { CheckFailure, Values } from "../../../provider/definition";
import { InvalidValueError, RefusedError } from "../../../provider/errors";
import { desiredValues } from "../../../provider/fields";
import { replicationSlotType as type } from "../../../provider/objects/replication-slot";
import { dropSlot } from "../../../provider/objects/replication-slot-drop";
import { checkValues } from "../../../provider/reconcile";
import { factsOf, observedOf, restricted, serverFacts, texts, UNKNOWN } from "../samples";

const LOGICAL: Values = { type: "logical", name: "cdc", plugin: "pgoutput" };
const PHYSICAL: Values = { type: "physical", name: "standby" };
const FACTS = factsOf(serverFacts());

describe("check", () => {
  const missingPlugin = { property: "plugin", reason: "is missing: a logical slot needs one, such as pgoutput" };
  const foreign = (property: string, kind: string, is: string) => ({
    property,
    reason: `is an attribute of ${kind} slots, and this one is ${is}`,
  });
  const table: [what: string, inputs: Values, failures: CheckFailure[]][] = [
    ["a logical slot", LOGICAL, []],
    ["all of a logical slot", { ...LOGICAL, database: "shop", twoPhase: true, failover: false }, []],
    ["a physical slot", PHYSICAL, []],
    ["all of a physical slot", { ...PHYSICAL, immediatelyReserve: true }, []],
    ["no kind", { name: "cdc" }, [{ property: "type", reason: 'is missing: "logical" or "physical"' }]],
    ["a kind that is not known yet", { type: UNKNOWN, name: "cdc" }, []],
    ["another kind", { ...LOGICAL, type: "both" }, [{ property: "type", reason: 'must be "logical" or "physical"' }]],
    ["no plugin", { type: "logical", name: "cdc" }, [missingPlugin]],
    ["a plugin that is not known yet", { ...LOGICAL, plugin: UNKNOWN }, []],
    [
      "what only logical slots have",
      { ...PHYSICAL, database: "shop", plugin: "p", twoPhase: false, failover: true },
      ["database", "plugin", "twoPhase", "failover"].map((property) => foreign(property, "logical", "physical")),
    ],
    [
      "what only physical slots have",
      { ...LOGICAL, immediatelyReserve: true },
      [foreign("immediatelyReserve", "physical", "logical")],
    ],
    ["null is nothing", { ...PHYSICAL, twoPhase: null, failover: null }, []],
    ["null is nothing in a logical slot either", { ...LOGICAL, immediatelyReserve: null }, []],
  ];
  for (const [what, inputs, failures] of table) {
    it(what, () => assert.deepEqual(checkInputs(type, {}, inputs), failures));
  }

  for (const name of ["a", "_", "0", "a_1", "n".repeat(63)]) {
    it(`the name ${name}`, () => assert.deepEqual(checkInputs(type, {}, { ...LOGICAL, name }), []));
  }
  for (const name of ["", "A", "my-cdc", "a b", "a.b", "é", 'a"b', "a\n", "n".repeat(64), 5]) {
    it(`the name ${JSON.stringify(name)} is refused, and how to choose another one is said`, () => {
      const [failure, ...more] = checkInputs(type, {}, { ...LOGICAL, name });
      assert.deepEqual(more, []);
      assert.equal(failure?.property, "name");
      assert.match(failure?.reason ?? "", /^must be 1 to 63 lower-case letters, digits and underscores \(set `name` /);
      assert.throws(() => checkValues(type, { name }), InvalidValueError);
    });
  }
});

describe("a change of what cannot be changed", () => {
  const table: [attribute: string, before: Values, after: Values][] = [
    ["name", LOGICAL, { ...LOGICAL, name: "cdc_2" }],
    ["plugin", LOGICAL, { ...LOGICAL, plugin: "wal2json" }],
    ["type", LOGICAL, { ...PHYSICAL, name: "cdc" }],
    ["twoPhase", { ...LOGICAL, twoPhase: true }, { ...LOGICAL, twoPhase: false }],
    ["failover", { ...LOGICAL, failover: null }, { ...LOGICAL, failover: true }],
  ];
  for (const [attribute, before, after] of table) {
    it(`of ${attribute} is refused in preview, with what would be lost, or replaces`, () => {
      const [failure] = checkInputs(type, before, after);
      assert.equal(failure?.property, attribute);
      assert.match(
        failure?.reason ?? "",
        /cannot become .* in place\. Set allowReplace: true to drop it .* loss of its position in the stream, or take/,
      );
      assert.throws(() => diffInputs(type, before, after), RefusedError);
      const allowed = { ...after, allowReplace: true };
      assert.deepEqual(checkInputs(type, before, allowed), []);
      const { replaces, deleteBeforeReplace } = diffInputs(type, before, allowed);
      assert.deepEqual([replaces, deleteBeforeReplace], [[attribute], true]);
    });
  }

  it("of the database, of options, or of what only counts at creation replaces nothing", () => {
    const before = { ...LOGICAL, database: "shop" };
    const after = { ...before, database: "shop2", terminateOnDelete: true, adopt: true };
    assert.deepEqual(checkInputs(type, before, after), []);
    assert.deepEqual(diffInputs(type, before, after).replaces, []);
    assert.equal(diffInputs(type, PHYSICAL, { ...PHYSICAL, immediatelyReserve: true }).changes, false);
  });

  it("what is taken away stays as it is", () => {
    assert.deepEqual(desiredValues(type, LOGICAL, { ...LOGICAL, twoPhase: true, failover: true }), LOGICAL);
  });

  it("movement of the stream is none", () => {
    const moved = { active: true, activePid: 7, restartLsn: "0/2", confirmedFlushLsn: "0/3", walStatus: "lost" };
    assert.equal(diffInputs(type, { ...LOGICAL, ...moved }, LOGICAL).changes, false);
    assert.deepEqual(type.alter(observedOf({ ...LOGICAL, ...moved }), LOGICAL, FACTS), []);
  });
});

describe("create", () => {
  const logical = (args: string) => `SELECT pg_catalog.pg_create_logical_replication_slot('cdc', 'pgoutput'${args})`;
  const physical = (args: string) => `SELECT pg_catalog.pg_create_physical_replication_slot('standby'${args})`;
  const table: [what: string, desired: Values, sql: string][] = [
    ["logical", LOGICAL, logical("")],
    ["defaults are not sent", { ...LOGICAL, twoPhase: false, failover: false, adopt: true }, logical("")],
    ["two phases", { ...LOGICAL, twoPhase: true }, logical(", twophase => TRUE")],
    ["failover", { ...LOGICAL, failover: true }, logical(", failover => TRUE")],
    ["both", { ...LOGICAL, twoPhase: true, failover: true }, logical(", twophase => TRUE, failover => TRUE")],
    ["physical", { ...PHYSICAL, immediatelyReserve: false }, physical("")],
    [
      "physical, WAL kept at once",
      { ...PHYSICAL, immediatelyReserve: true },
      physical(", immediately_reserve => TRUE"),
    ],
    [
      "a plugin of another name",
      { ...LOGICAL, plugin: "o'pl\\ug" },
      "SELECT pg_catalog.pg_create_logical_replication_slot('cdc', E'o''pl\\\\ug')",
    ],
  ];
  for (const [what, desired, sql] of table) {
    it(what, () => {
      const statements = type.create(desired, FACTS);
      assert.deepEqual(texts(statements), [sql]);
      assert.ok(
        statements.every(({ alone }) => alone),
        "no transaction that has written",
      );
    });
  }

  it("a logical slot is made in its database, and waits for transactions without a limit", () => {
    const [statement] = type.create({ ...LOGICAL, database: "shop" }, FACTS);
    assert.deepEqual([statement?.database, statement?.unlimited], ["shop", true]);
    assert.equal(type.create(LOGICAL, FACTS)[0]?.database, undefined);
  });
});

describe("drop", () => {
  const slot = observedOf({ ...LOGICAL });

  it("is one statement of its own", () => {
    for (const options of [{}, { terminateOnDelete: false }, { terminateOnDelete: null }] as Values[]) {
      const statements = type.drop(slot, options, FACTS);
      assert.deepEqual(texts(statements), ["SELECT pg_catalog.pg_drop_replication_slot('cdc')"]);
      assert.ok(statements[0]?.alone);
    }
  });

  it("asks for the rights before it ends a consumer, tries again at once, and not for ever", () => {
    const [statement] = type.drop(slot, { terminateOnDelete: true }, FACTS);
    const text = statement?.sql.text ?? "";
    assert.ok(statement?.alone);
    assert.match(text, /^DO '\nDECLARE/);
    assert.match(
      text,
      /LOOP.*pg_drop_replication_slot\(''cdc''\).*clock_timestamp\(\) > ends THEN RAISE.*pg_terminate_backend\(consumer\).*pg_sleep\(0\.001\).*END LOOP/s,
    );
  });

  it("any name is a literal in a literal", () => {
    const { text } = dropSlot("o'ne", true).sql;
    assert.equal(text.match(/\(''o''''ne''\)| = ''o''''ne'';/g)?.length, 2);
    assert.equal(dropSlot("o'ne", false).sql.text, "SELECT pg_catalog.pg_drop_replication_slot('o''ne')");
  });
});

describe("the catalogue", () => {
  const columns = (major: number) => type.catalogue(serverFacts({ major })).select;

  it("is asked for what the server's version has", () => {
    assert.match(columns(14), /false AS failover/);
    assert.doesNotMatch(columns(14), /s\.conflicting|s\.invalidation_reason/);
    assert.match(columns(16), /s\.conflicting.*'wal_removed'/);
    assert.match(columns(17), /s\.failover AS failover.*s\.invalidation_reason AS/s);
  });

  it("never shows a session's own slots", () => {
    for (const major of [14, 18]) assert.match(columns(major), /WHERE NOT temporary\) s$/);
  });

  it("oids are numbers, and none is none", () => {
    assert.deepEqual(type.toObserved({ name: "cdc", databaseOid: "4294967295" }), {
      values: { name: "cdc", databaseOid: 4294967295 },
      extra: {},
    });
    assert.equal(type.toObserved({ name: "standby", databaseOid: null }).values.databaseOid, null);
  });

  it("only a logical slot is one of a database", () => {
    assert.deepEqual(
      [LOGICAL, PHYSICAL, {}].map((values) => type.belongsToDatabase?.(values)),
      [true, false, false],
    );
  });
});

describe("what to do about an error", () => {
  const facts = factsOf(restricted(18));
  const table: [code: string | undefined, intent: string, remedy: RegExp | undefined][] = [
    [
      "42501",
      "create",
      /^It takes the REPLICATION attribute: let an administrator run ALTER ROLE "deployer" REPLICATION$/,
    ],
    ["42501", "drop", /ALTER ROLE "deployer" REPLICATION\. .*GRANT pg_signal_backend TO "deployer"/],
    ["55000", "create", /^Set wal_level to logical .* max_replication_slots above 0, and restart/],
    ["53400", "create", /^Drop a slot that nobody needs, or raise max_replication_slots/],
    ["58P01", "create", /^Install the output plugin/],
    ["42710", "create", /temporary slot/],
    ["55000", "drop", undefined],
    ["42601", "create", undefined],
    [undefined, "create", undefined],
  ];
  for (const [code, intent, remedy] of table) {
    it(`${code} of ${intent}`, () => {
      const said = type.remedy?.({ code, message: "" }, intent, facts);
      if (remedy === undefined) assert.equal(said, undefined);
      else assert.match(said ?? "", remedy);
    });
  }
});
