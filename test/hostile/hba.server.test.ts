/** Hostile texts in every argument of HBA rules: the server reads just them, and every other byte of the file stays. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckFailure, Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import type { TypeHooks } from "../../provider/type-hooks";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { hooksOver } from "../provider/through-hooks";
import { versions } from "../support/versions";
import { HBA_ARGUMENTS, type HbaArgument } from "./arguments/hba-rule";
import { count, expectAtLeast } from "./counts";
import { distinct, hostileText, scaled } from "./texts";

expectAtLeast(scaled(1_000 * versions.length));

/** How many rules are in the file at a time: they come in one write, and go in another. */
const BATCH = 60;

onOwnServers((own) => {
  for (const argument of HBA_ARGUMENTS) {
    test(`HbaRule.${argument.name}`, async () => {
      const connected = { hooks: hooksOver("HbaRule", Host.over(await own.connect())), major: own.version };
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
  { hooks, major }: { hooks: TypeHooks; major: number },
  argument: HbaArgument,
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
