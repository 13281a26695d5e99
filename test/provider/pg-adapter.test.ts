import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import { PgAdapter } from "../../provider/pg-adapter";
import { resolveSettings } from "../../provider/settings";

it("an adapter shows no password when it is printed or serialised by accident", () => {
  const settings = resolveSettings(
    { password: "hush", sslKey: "-----BEGIN hush", database: "shop" },
    {},
    { name: "me", home: "" },
  );
  const adapter = new PgAdapter(settings);
  for (const text of [inspect(adapter, { depth: 9, showHidden: true }), JSON.stringify(adapter)]) {
    assert.doesNotMatch(text, /hush/);
  }
  assert.deepEqual([adapter.database, adapter.isConnected], ["shop", false]);
});
