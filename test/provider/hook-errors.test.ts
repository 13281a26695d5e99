import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Cluster } from "../../provider";
import { commandType } from "../../provider/command/definition";
import { CommandHooks } from "../../provider/command/hooks";
import type { ConfiguredHooks, Hooks } from "../../provider/configured-hooks";
import type { ObjectType, ResourceType, Values } from "../../provider/definition";
import { objectTypes } from "../../provider/objects";
import { idOf } from "../../provider/state";
import { TypeHooks } from "../../provider/type-hooks";
import { minimumOf } from "./attribute-samples";
import { FakeAdapter, serverError } from "./fake-adapter";

/** The hooks of a type, over a server that cancels whatever it is asked first. */
function cancelled(type: ResourceType): Hooks {
  const kind = objectTypes.get(type.type);
  const made: ConfiguredHooks = kind === undefined ? new CommandHooks() : new TypeHooks(kind);
  const adapter = new FakeAdapter(() => {
    throw serverError("57014", "canceling statement due to user request", { severity: "ERROR" });
  });
  return Object.defineProperty(made, "host", { value: () => Cluster.connect({ adapter }) });
}

const STATE: Values = { systemIdentifier: "7", oid: 16400 };

describe("a server that cancels the first thing it is asked", () => {
  for (const type of [...objectTypes.values(), commandType]) {
    const values = { ...minimumOf(type), delete: { sql: "SELECT 1" } };
    const path = type.key.map((name) => String(values[name as keyof typeof values]));
    const calls: Record<string, (hooks: Hooks) => Promise<unknown>> = {
      create: (hooks) => hooks.create(values),
      update: (hooks) => hooks.update("id", { ...values, ...STATE }, values),
      delete: (hooks) => hooks.delete("id", { ...values, ...STATE }),
      read: (hooks) => hooks.read("id", { ...values, ...STATE }),
      get: (hooks) => hooks.read(idOf(type, path, "d"), {}),
    };
    // A command leaves nothing to look at, and what is only found is let go without a word.
    const silent = type === commandType ? ["read", "get"] : (type as ObjectType).found ? ["delete"] : [];
    for (const [name, call] of Object.entries(calls).filter(([name]) => !silent.includes(name))) {
      it(`is quoted with the ${type.noun} and what to do, in ${name}`, async () => {
        await assert.rejects(call(cancelled(type)), (error: Error) => {
          const [object = "", rest] = error.message.split(/: cannot (?:create|alter|update|drop|delete|read): /);
          assert.ok(object.startsWith(`${type.noun} `), error.message);
          const says = "canceling statement due to user request. Somebody has cancelled it: run the same again";
          assert.equal(rest, says, error.message);
          return true;
        });
      });
    }
  }
});
