import assert from "node:assert/strict";
import { it } from "node:test";
import { InvalidValueError } from "../../../provider/errors";
import { resolvePreview } from "../../../provider/preview/settings";

it("flags may be text, as configuration is", () => {
  assert.deepEqual(resolvePreview({}), { showSql: false, previewChecks: false });
  assert.deepEqual(resolvePreview({ showSql: "" }), { showSql: false, previewChecks: false });
  assert.deepEqual(resolvePreview({ showSql: true, previewChecks: "false" }), { showSql: true, previewChecks: false });
  assert.deepEqual(resolvePreview({ showSql: false, previewChecks: "true" }), { showSql: false, previewChecks: true });
  assert.throws(
    () => resolvePreview({ showSql: "yes" }),
    (error: unknown) => {
      assert.ok(error instanceof InvalidValueError);
      assert.equal(error.message, "showSql must be true or false");
      return true;
    },
  );
});
