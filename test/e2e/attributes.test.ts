import assert from "node:assert/strict";
import { isApplied } from "../../provider/fields";
import { type Case, cases, isKnown } from "../provider/cases";
import { ByHand, programOf, surroundings, tidy } from "./attributes";
import { onEveryStack, uniqueName } from "./stack";

/** Two changes to one resource are one update. */
const updates = (all: readonly Case[]) => ({ update: all.length });

/** The lines of a diff that are about one resource: what a refresh found, and what the update does about it. */
function diffOf(output: string, { name, type }: Case): string {
  const [, ...parts] = output.split(`pgmob:${type.type}::${name}]`);
  assert.ok(parts.length > 0, `${name} is not in the diff:\n${output}`);
  return parts.map((part) => part.split(/\n {4}\S* ?pulumi-nodejs:/)[0]).join("\n");
}

onEveryStack("each attribute: declared, changed, taken away, changed by hand and healed", async (stack) => {
  const unique = uniqueName("each");
  const names = await surroundings(stack, unique);
  const all = cases(names, unique).filter(
    (one) => isKnown(one, stack.server.version) && (stack.role.superuser || !one.sample.superuser),
  );
  const inPlace = all.filter(({ field }) => field.change !== "guard" && field.change !== "createOnly");
  const applied = all.filter(({ field }) => field.change === "update");
  const hand = await ByHand.connect(stack, names);
  try {
    // Declared.
    await stack.declare(programOf(all, names, ({ sample }) => sample.good));
    await stack.up({ create: all.length + 2 });
    for (const one of all.filter(({ field }) => isApplied(field))) await hand.has(one, one.sample.good);
    await stack.preview({}, { refresh: true });

    // The same in other words.
    await stack.declare(programOf(all, names, ({ sample }) => sample.equal ?? sample.good));
    await stack.preview({});
    await stack.preview({}, { refresh: true });

    // Changed; what is used at creation alone is not looked at again.
    const changed = ({ field, sample }: Case) => (field.change === "guard" ? sample.good : sample.other);
    await stack.declare(programOf(all, names, changed));
    const plan = await stack.preview(updates(inPlace));
    for (const one of inPlace) assert.match(diffOf(plan, one), new RegExp(`[-+~] +${one.attribute} *:`), one.name);
    await stack.up(updates(inPlace));
    for (const one of applied) await hand.has(one, one.sample.other);
    await stack.preview({}, { refresh: true });

    // What only a new object could have is refused, in preview. The engine stops at the first one.
    for (const guarded of all.filter(({ field }) => field.change === "guard")) {
      const asked = (one: Case) =>
        one === guarded || one.field.change !== "guard" ? one.sample.other : one.sample.good;
      await stack.declare(programOf(all, names, asked));
      const sentence = new RegExp(`${guarded.attribute} is .* and cannot become .* in place\\. Set allowReplace`);
      assert.match(await stack.fails("preview"), sentence);
    }

    // Taken away: back to the default, where there is one.
    await stack.declare(programOf(all, names, (one) => (inPlace.includes(one) ? undefined : one.sample.good)));
    await stack.up(updates(inPlace));
    for (const one of applied) {
      const { default: initial, kept } = one.field;
      await hand.has(one, initial === undefined || kept ? one.sample.other : initial);
    }
    await stack.preview({}, { refresh: true });

    // Changed by hand: seen by its own name, and healed. A password's verifier is not for everybody to read.
    await stack.declare(programOf(all, names, ({ sample }) => sample.good));
    await stack.up(updates(inPlace));
    for (const one of applied) await hand.change(one, one.sample.other);
    const silent = (one: Case) => one.field.secret === true && !stack.role.superuser;
    const seen = applied.filter((one) => !silent(one));
    const drift = await stack.preview(updates(seen), { refresh: true });
    for (const one of seen) assert.match(diffOf(drift, one), new RegExp(`[-+~] +${one.attribute} *:`), one.name);
    await stack.up(updates(seen), { refresh: true });
    for (const one of applied) await hand.has(one, one.sample.good);
    await stack.preview({}, { refresh: true });
    await stack.destroy();
  } finally {
    await hand.close();
  }
  await tidy(stack, names);
});
