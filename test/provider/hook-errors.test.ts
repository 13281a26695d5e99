import assert from "node:assert/strict";
import { before, describe, it, mock } from "node:test";
import { Cluster } from "../../provider";
import { commandType } from "../../provider/command/definition";
import type { Hooks } from "../../provider/configured-hooks";
import type { ObjectType, Values } from "../../provider/definition";
import { pathOf } from "../../provider/fields";
import { hooks } from "../../provider/hooks";
import { Host } from "../../provider/host";
import { lookups } from "../../provider/lookups";
import { objectTypes } from "../../provider/objects";
import { idOf } from "../../provider/state";
import { minimumOf } from "./attribute-samples";
import { FakeAdapter, serverError } from "./fake-adapter";

const STATE: Values = { systemIdentifier: "7", oid: 16400 };
const SAYS = "canceling statement due to user request. Somebody has cancelled it: run the same again";

/** Asserts that it is told what could not be done with what, and what to do. */
async function assertTold(call: Promise<unknown>, object: string): Promise<void> {
  await assert.rejects(call, ({ message }: Error) => {
    const [subject = "", rest] = message.split(/: cannot (?:check|create|alter|update|drop|delete|read): /);
    assert.ok(`${subject} `.startsWith(`${object} `), message);
    assert.equal(rest, SAYS, message);
    return true;
  });
}

describe("a server that cancels the first thing it is asked", () => {
  before(() => {
    const adapter = new FakeAdapter(() => {
      throw serverError("57014", "canceling statement due to user request", { severity: "ERROR" });
    });
    mock.method(Host, "for", () => Cluster.connect({ adapter }).then(Host.over));
  });

  for (const type of [...objectTypes.values(), commandType]) {
    const values = { ...minimumOf(type), delete: { sql: "SELECT 1" } };
    const asked: Record<string, (hooks: Hooks) => Promise<unknown>> = {
      check: async (hooks) => {
        await hooks.configure({ config: { get: (key) => key === "pgmob:previewChecks" || undefined } });
        return hooks.check({}, minimumOf(type));
      },
      create: (hooks) => hooks.create(values),
      update: (hooks) => hooks.update("id", { ...values, ...STATE }, values),
      delete: (hooks) => hooks.delete("id", { ...values, ...STATE }),
      read: (hooks) => hooks.read("id", { ...values, ...STATE }),
      get: (hooks) => hooks.read(idOf(type, pathOf(type, values), "d"), {}),
    };
    // There is nothing of a command to look at, and what is only found is let go without a word.
    const silent = type === commandType ? ["check", "read", "get"] : (type as ObjectType).found ? ["delete"] : [];
    for (const [name, call] of Object.entries(asked).filter(([name]) => !silent.includes(name))) {
      it(`is quoted with the ${type.noun} and what to do, in ${name}`, () =>
        assertTold(call(hooks(type.type)), type.noun));
    }
  }

  for (const name of lookups.keys()) {
    it(`is quoted with ${name} and what to do`, () => assertTold(hooks(name).read("lookup", {}), name));
  }
});
