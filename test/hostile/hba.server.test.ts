/** Hostile texts in every argument of HBA rules: the server reads just them, and every other byte of the file stays. */

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import type { CheckFailure, Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import type { TypeHooks } from "../../provider/type-hooks";
import { UNKNOWN } from "../../provider/unknown";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { hooksOver } from "../provider/through-hooks";
import { makeAuthority } from "../support/tls-authority";
import { versions } from "../support/versions";
import { HBA_ARGUMENTS, type HbaArgument } from "./arguments/hba-rule";
import { count, expectAtLeast } from "./counts";
import { distinct, hostileText, scaled } from "./texts";

expectAtLeast(scaled(1_000 * versions.length));

/** How many rules are in the file at a time: they come in one write, and go in another. */
const BATCH = 60;

onOwnServers((own) => {
  before(async () => {
    // Without these, the server reads no rule that is about them.
    const { cert, key } = await (await makeAuthority("pgmob")).issue({ cn: "localhost" });
    const folder = own.folder("tls");
    for (const [setting, text] of Object.entries({ ssl_cert_file: cert, ssl_key_file: key })) {
      const path = join(folder, setting);
      writeFileSync(path, text, { mode: 0o600 });
      own.own(path);
      await own.ask(`ALTER SYSTEM SET ${setting} = '${path}'`);
    }
    await own.ask("ALTER SYSTEM SET ssl = on");
    // None is loaded before somebody logs in with it.
    if (own.version >= 18) await own.ask("ALTER SYSTEM SET oauth_validator_libraries = 'one'");
  });

  for (const argument of HBA_ARGUMENTS) {
    test(`HbaRule.${argument.name}`, async () => {
      const connected = { hooks: hooksOver("HbaRule", Host.over(await own.connect())), major: own.version };
      // What looks like a value that is not known yet is not refused before it is.
      const fit = (argument.texts ?? hostileText).filter((text) => text !== UNKNOWN || argument.accepts(text));
      const texts = distinct(fit, scaled(argument.count), `HbaRule.${argument.name}`);
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
  const files = argument.ofFile ? filesCalled(own, accepted) : [];
  const verdicts = await verdictsOn(own, argument, accepted);
  const made = await Promise.all(
    accepted.map(async ({ text, inputs }, index) => {
      const verdict = verdicts[index];
      const refusal = argument.refusal?.(text, major) ?? errorOf(verdict);
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
      return [{ text, inputs, verdict, ...outcome }];
    }),
  );
  const rules = made.flat();
  for (const { inputs, outs, text } of rules) {
    const declared = Object.fromEntries(Object.keys(inputs).map((name) => [name, outs[name]]));
    assert.deepEqual(declared, inputs, JSON.stringify(text));
  }
  const seen = await readBy(own);
  const others = seen.length - rules.length;
  assert.equal(others, OTHERS);
  const ordered = rules.sort((one, other) => Number(one.inputs.order) - Number(other.inputs.order));
  assert.deepEqual(
    seen.slice(others),
    ordered.map(({ text, inputs, verdict }) => {
      const { databases = ["all"], users = ["all"], options = null } = argument.shown?.(text, major) ?? {};
      return verdict ?? { databases, users, options, method: inputs.method, error: null };
    }),
  );
  await Promise.all(rules.map(({ id, outs }) => hooks.delete(id, outs)));
  assert.equal(own.bytes, before, "the file is as it was");
  for (const file of files) rmSync(file);
}

/** How many rules initdb makes. */
const OTHERS = 6;

/** A line as the server reads it. */
interface Verdict {
  readonly databases: string[] | null;
  readonly users: string[] | null;
  readonly options: string[] | null;
  readonly method: string | null;
  readonly error: string | null;
}

/** Why the server refuses a line; for some values of options it says nothing, and has no rule either. */
function errorOf(verdict: Verdict | undefined): string | undefined {
  return verdict?.method === null ? (verdict.error ?? "one of its options has no such value") : undefined;
}

/** The lines of the file as the server reads them. */
async function readBy(own: OwnServer): Promise<Verdict[]> {
  const rows = await own.ask(
    "SELECT database, user_name, options, auth_method, error FROM pg_hba_file_rules ORDER BY line_number",
  );
  return rows.map(([databases, users, options, method, error]) => {
    return { databases, users, options, method, error } as Verdict;
  });
}

/** Makes a file of each name beside pg_hba.conf, where there can be one, and gives their paths. */
function filesCalled(own: OwnServer, texts: readonly { readonly text: string }[]): string[] {
  return texts.flatMap(({ text }, index) => {
    if (text.includes("/")) return [];
    const path = `${dirname(own.file)}/${text}`;
    try {
      writeFileSync(path, `from_file_${index}\n`, { flag: "wx" });
    } catch {
      return []; // one of the server's own, or too long
    }
    own.own(path);
    return [path];
  });
}

/** What the server makes of each text in a line that the test writes; of none, where the argument has no such line. */
async function verdictsOn(
  own: OwnServer,
  { line }: HbaArgument,
  texts: readonly { readonly text: string }[],
): Promise<readonly (Verdict | undefined)[]> {
  if (line === undefined) return [];
  const before = own.bytes;
  own.bytes = before + Buffer.from(texts.map(({ text }) => `${line(text)}\n`).join("")).toString("latin1");
  const verdicts = (await readBy(own)).slice(OTHERS);
  own.bytes = before;
  assert.equal(verdicts.length, texts.length);
  return verdicts;
}

function told(failures: readonly CheckFailure[]): string {
  return failures.length === 0
    ? "accepted"
    : failures.map(({ property, reason }) => `${property} ${reason}`).join("; ");
}
