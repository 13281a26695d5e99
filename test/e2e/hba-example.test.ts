import assert from "node:assert/strict";
import { useExample } from "./example";
import { onOwnStacks } from "./own-stack";

onOwnStacks({
  "examples/access-rules": async (stack, own) => {
    await useExample(stack, "access-rules", { appPassword: "app s3cret", network: "127.0.0.1/32" });
    await stack.up({ create: 7 });
    assert.deepEqual(await stack.workspace.outputs(), { rules: ["app", "readers", "nobody-else"] });
    const lines = own.bytes.split("\n").filter((line) => line.includes("# pgmob name="));
    assert.deepEqual(lines, [
      "host shop shop_app 127.0.0.1/32 scram-sha-256 # the shop itself # pgmob name=app order=-10",
      "host shop +shop_readers 192.0.2.0 255.255.255.0 scram-sha-256 # pgmob name=readers order=-10 after=app",
      "host shop shop_app,+shop_readers all reject # pgmob name=nobody-else order=-10 after=readers",
    ]);

    await own.ask("CREATE ROLE reader LOGIN PASSWORD 'reads' IN ROLE shop_readers");
    const reads = (database: string) => own.ask("SELECT 1", { user: "reader", password: "reads", database });
    assert.deepEqual(await own.ask("SELECT 1", { user: "shop_app", password: "app s3cret", database: "shop" }), [[1]]);
    await assert.rejects(reads("shop"), /pg_hba\.conf rejects connection/);
    assert.deepEqual(await reads("postgres"), [[1]], "every other database is as it was");
    await own.ask("DROP ROLE reader");

    await stack.preview({}, { refresh: true });
    await stack.destroy();
    assert.equal(own.bytes, own.initial);
  },
});
