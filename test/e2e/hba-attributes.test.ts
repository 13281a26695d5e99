import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Field, Values } from "../../provider/definition";
import { hbaRuleType as type } from "../../provider/objects/hba-rule";
import { observe } from "../../provider/observe";
import { type Json, sameValue } from "../../provider/values";
import { besideOf, type Sample, sampleOf } from "../provider/attribute-samples";
import type { OwnServer } from "../provider/hba/own-server";
import { onOwnStacks } from "./own-stack";
import type { Program } from "./stack";

/** One attribute that stands in the file, tried on a rule of its own, which is called like the attribute. */
interface Case {
  readonly attribute: string;
  readonly field: Field;
  readonly sample: Sample;
}

const cases: Case[] = Object.entries(type.fields).flatMap(([attribute, field]) =>
  field.change === "update" && attribute !== "name"
    ? [{ attribute, field, sample: sampleOf(type, attribute, field) }]
    : [],
);
const optional = cases.filter(({ sample }) => !sample.required);

/** A program with a rule for each attribute, and the value that it declares; `undefined`: none. */
function programOf(value: (one: Case) => Json | undefined): Program {
  const rules = cases.map((one): [string, Program[string]] => {
    const { attribute, field } = one;
    const [declared, { name: _, [attribute]: __, ...beside }] = [
      value(one),
      besideOf(type, attribute, field)(value(one) ?? null),
    ];
    return [
      attribute,
      { type: "HbaRule", args: { ...beside, ...(declared === undefined ? {} : { [attribute]: declared }) } },
    ];
  });
  return Object.fromEntries(rules);
}

/** Our lines, by the name of the rule. */
function linesOf(bytes: string): Map<string, string> {
  const lines = bytes.split("\n").flatMap((line): [string, string][] => {
    const [, name] = /# pgmob name=(\S+)/.exec(line) ?? [];
    return name === undefined ? [] : [[name, line]];
  });
  return new Map(lines);
}

/** Asserts that each rule has a value in the file. */
async function has(own: OwnServer, expected: (one: Case) => Json): Promise<void> {
  const cluster = await own.connect();
  for (const one of cases) {
    const observed = await observe(cluster, type, { path: [one.attribute] });
    const seen = {
      ...observed?.values,
      ...(observed && type.seen?.(observed, { [one.attribute]: expected(one) } as Values)),
    };
    const value = seen[one.attribute] ?? null;
    assert.ok(sameValue(one.field.value, value, expected(one)), `${one.attribute}: ${JSON.stringify(value)}`);
  }
  await cluster.close();
}

/** The lines of a diff that are about one rule. */
function diffOf(output: string, { attribute }: Case): string {
  const [, ...parts] = output.split(`pgmob:HbaRule::${attribute}]`);
  assert.ok(parts.length > 0, `${attribute} is not in the diff:\n${output}`);
  return parts.map((part) => part.split(/\n {4}\S* ?pulumi-nodejs:/)[0]).join("\n");
}

onOwnStacks({
  "each attribute of an HBA rule: declared, changed, taken away, changed by hand and healed": async (stack, own) => {
    writeFileSync(join(own.server.dataDir, "names"), "somebody\n");
    own.own(join(own.server.dataDir, "names"));
    assert.ok(cases.length > 10);
    const shows = (output: string, some: readonly Case[]) => {
      for (const one of some)
        assert.match(diffOf(output, one), new RegExp(`[-+~] +${one.attribute} *:`), one.attribute);
    };

    await stack.declare(programOf(({ sample }) => sample.good));
    await stack.up({ create: cases.length + 2 });
    await has(own, ({ sample }) => sample.good);
    await stack.preview({}, { refresh: true });

    await stack.declare(programOf(({ sample }) => sample.equal ?? sample.good));
    await stack.preview({});
    await stack.preview({}, { refresh: true });

    await stack.declare(programOf(({ sample }) => sample.other));
    shows(await stack.preview({ update: cases.length }), cases);
    await stack.up({ update: cases.length });
    await has(own, ({ sample }) => sample.other);
    await stack.preview({}, { refresh: true });
    const other = linesOf(own.bytes);

    // Taken away: back to the default; what must be given is missed before anything happens.
    const given = (one: Case) => (one.sample.required ? one.sample.other : undefined);
    await stack.declare(programOf(given));
    await stack.up({ update: optional.length });
    await has(own, (one) => given(one) ?? (one.attribute === "order" ? 0 : (one.field.default as Json)));
    await stack.preview({}, { refresh: true });
    for (const missing of cases.filter(({ sample }) => sample.required)) {
      await stack.declare(programOf((one) => (one === missing ? undefined : given(one))));
      assert.match(await stack.fails("preview"), new RegExp(`property ${missing.attribute} .*is missing`));
    }

    // Changed by hand: the lines of before.
    await stack.declare(programOf(({ sample }) => sample.good));
    await stack.up({ update: cases.length });
    const good = own.bytes;
    for (const [name, line] of linesOf(good)) own.bytes = own.bytes.replace(line, other.get(name) as string);
    shows(await stack.preview({ update: cases.length }, { refresh: true }), cases);
    await stack.up({ update: cases.length }, { refresh: true });
    // A network that is written anew is so in the words that are declared.
    assert.equal(own.bytes, good.replace(/10\.0\.0\.0\/8( .*name=netmask)/, "10.0.0.0 255.0.0.0$1"));
    await has(own, ({ sample }) => sample.good);
    await stack.preview({}, { refresh: true });
    await stack.destroy();
    assert.equal(own.bytes, own.initial);
  },
});
