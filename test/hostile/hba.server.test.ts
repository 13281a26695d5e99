/** Hostile texts in every argument of HBA rules: the server reads just them, and every other byte of the file stays. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type fc from "fast-check";
import type { CheckFailure, Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { HooksOver } from "../provider/through-hooks";
import { versions } from "../support/versions";
import { count, expectAtLeast } from "./counts";
import { distinct, hostileText, isNameable, isStorable, scaled } from "./texts";

expectAtLeast(scaled(1_000 * versions.length));

const RULE: Values = { type: "local", databases: ["all"], users: ["all"], method: "reject" };
const KEYWORDS = ["all", "sameuser", "samerole", "replication"];
/** How many rules are in the file at a time: they come in one write, and go in another. */
const BATCH = 60;

/** A rule as the server shows it (`pg_hba_file_rules`), without its line. */
interface Shown {
  readonly databases: string[];
  readonly users: string[];
  readonly options: string[] | null;
}

interface Argument {
  readonly name: string;
  readonly count: number;
  readonly texts?: fc.Arbitrary<string>;
  inputs(text: string): Values;
  accepts(text: string): boolean;
  /** What the server has to show otherwise than of any other rule. Default: nothing. */
  shown?(text: string, major: number): Partial<Shown>;
  /** Why a server of a version refuses it. Default: it does not. */
  refusal?(text: string, major: number): string | undefined;
}

const isLine = (text: string) => isStorable(text) && !/[\r\n]/.test(text);
/** What stands behind managed rules, and would make another one of a rule that is released. */
const isMarked = (text: string) => / ?# pgmob name=[^\s#]+( order=-?\d+)?[ \t]*$/.test(text.trim());

/** A name as the server shows it: from 16 on, one that begins with a slash is a regular expression that matches only it. */
function asName(text: string, major: number): string {
  if (major < 16 || !(text.startsWith("/") || text.includes("\n"))) return text;
  return `/^${text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&").replaceAll("\n", "\\n")}$`;
}

const tooOld = (text: string, major: number) => (major < 16 && text.includes("\n") ? "needs PostgreSQL 16" : undefined);

const ARGUMENTS: readonly Argument[] = [
  {
    name: "name",
    count: 210,
    inputs: (name) => ({ ...RULE, name }),
    accepts: (text) => isStorable(text) && text !== "",
  },
  {
    ...{ name: "comment", count: 240, accepts: (text) => isLine(text) && !isMarked(text) },
    inputs: (comment) => ({ ...RULE, comment }),
  },
  {
    ...{ name: "users[]", count: 180, refusal: tooOld, inputs: (text) => ({ ...RULE, users: [text] }) },
    accepts: (text) => isNameable(text) && (text === "all" || !KEYWORDS.includes(text)),
    shown: (text, major) => ({ users: [asName(text, major)] }),
  },
  {
    ...{ name: "users[].name", count: 100, refusal: tooOld, inputs: (name) => ({ ...RULE, users: ["x", { name }] }) },
    accepts: isNameable,
    shown: (text, major) => ({ users: ["x", asName(text, major)] }),
  },
  {
    ...{ name: "users[].group", count: 100, inputs: (group) => ({ ...RULE, users: [{ group }] }) },
    accepts: (text) => isNameable(text) && isLine(text),
    shown: (text) => ({ users: [`+${text}`] }),
  },
  {
    ...{ name: "databases[]", count: 180, refusal: tooOld, inputs: (text) => ({ ...RULE, databases: [text] }) },
    accepts: isNameable,
    shown: (text, major) => ({ databases: [asName(text, major)] }),
  },
  {
    ...{
      name: "databases[].name",
      count: 100,
      refusal: tooOld,
      inputs: (name) => ({ ...RULE, databases: [{ name }] }),
    },
    accepts: isNameable,
    shown: (text, major) => ({ databases: [asName(text, major)] }),
  },
  {
    ...{ name: "options.map", count: 140, inputs: (map) => ({ ...RULE, method: "peer", options: { map } }) },
    accepts: isLine,
    shown: (text) => ({ options: [`map=${text}`] }),
  },
  {
    ...{
      name: "options (names)",
      count: 50,
      inputs: (text) => ({ ...RULE, method: "peer", options: { [text]: "x" } }),
    },
    accepts: (text) => text === "map",
  },
  { name: "type", count: 40, inputs: (type) => ({ ...RULE, type }), accepts: () => false },
  { name: "method", count: 40, inputs: (method) => ({ ...RULE, method }), accepts: () => false },
  {
    name: "netmask",
    count: 40,
    inputs: (netmask) => ({ ...RULE, type: "host", address: "10.0.0.0", netmask }),
    accepts: () => false,
  },
];

onOwnServers((own) => {
  for (const argument of ARGUMENTS) {
    test(`HbaRule.${argument.name}`, async () => {
      const connected = { hooks: new HooksOver("HbaRule", Host.over(await own.connect())), major: own.version };
      const texts = distinct(argument.texts ?? hostileText, scaled(argument.count), `HbaRule.${argument.name}`);
      const tally = { data: 0, refused: 0, byServer: 0 };
      for (let at = 0; at < texts.length; at += BATCH)
        await tryBatch(own, connected, argument, texts.slice(at, at + BATCH), tally);
      count(`HbaRule.${argument.name}`, own.version, scaled(argument.count), tally);
    });
  }
});

async function tryBatch(
  own: OwnServer,
  { hooks, major }: { hooks: HooksOver; major: number },
  argument: Argument,
  texts: readonly string[],
  tally: { data: number; refused: number; byServer: number },
): Promise<void> {
  const before = own.bytes;
  const accepted: { text: string; inputs: Values }[] = [];
  for (const [index, text] of texts.entries()) {
    const inputs = { name: `rule-${index}`, order: index + 1, ...argument.inputs(text) };
    const { failures } = await hooks.check({}, inputs);
    assert.equal(failures.length === 0, argument.accepts(text), `${JSON.stringify(text)}: ${told(failures)}`);
    if (failures.length === 0) accepted.push({ text, inputs });
    else tally.refused++;
  }
  const made = await Promise.all(
    accepted.map(async ({ text, inputs }) => {
      const refusal = argument.refusal?.(text, major);
      const outcome = await hooks.create(inputs).catch((error: Error) => error);
      if (outcome instanceof Error) {
        assert.ok(
          refusal !== undefined && outcome.message.includes(refusal),
          `${JSON.stringify(text)}: ${outcome.message}`,
        );
        tally.byServer++;
        return [];
      }
      assert.equal(refusal, undefined, JSON.stringify(text));
      tally.data++;
      return [{ text, inputs, ...outcome }];
    }),
  );
  const rules = made.flat();
  for (const { inputs, outs, text } of rules) {
    const declared = Object.fromEntries(Object.keys(inputs).map((name) => [name, outs[name]]));
    assert.deepEqual(declared, inputs, JSON.stringify(text));
  }
  const seen = await own.ask(
    "SELECT database, user_name, options, auth_method, error FROM pg_hba_file_rules ORDER BY line_number",
  );
  const others = seen.length - rules.length;
  assert.equal(others, OTHERS);
  const ordered = rules.sort((one, other) => Number(one.inputs.order) - Number(other.inputs.order));
  assert.deepEqual(
    seen.slice(others),
    ordered.map(({ text, inputs }) => {
      const { databases = ["all"], users = ["all"], options = null } = argument.shown?.(text, major) ?? {};
      return [databases, users, options, inputs.method, null];
    }),
  );
  await Promise.all(rules.map(({ id, outs }) => hooks.delete(id, outs)));
  assert.equal(own.bytes, before, "the file is as it was");
}

/** How many rules initdb makes. */
const OTHERS = 6;

function told(failures: readonly CheckFailure[]): string {
  return failures.length === 0
    ? "accepted"
    : failures.map(({ property, reason }) => `${property} ${reason}`).join("; ");
}
