/** Hostile texts in every attribute of every type there is: check takes them, or says of which attribute and why not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commandType } from "../../provider/command/definition";
import type { Values } from "../../provider/definition";
import { hooks } from "../../provider/hooks";
import { objectTypes } from "../../provider/objects";
import { minimumOf } from "../provider/attribute-samples";
import { count, expectAtLeast } from "./counts";
import { distinct, hasHole, hostileText, scaled } from "./texts";

expectAtLeast(scaled(4_000));

/** How a text may stand in an attribute. */
const FORMS: readonly ((text: string) => Values[string])[] = [
  (text) => text,
  (text) => [text],
  (text) => ({ [text]: text }),
  (text) => [{ name: text }],
];

for (const type of [...objectTypes.values(), commandType]) {
  describe(type.type, () => {
    for (const [name, { hidden, secret, confidential }] of Object.entries(type.fields)) {
      if (hidden) continue;
      test(name, async () => {
        const tally = { data: 0, refused: 0, byServer: 0 };
        for (const text of distinct(hostileText, scaled(50), `${type.type}.${name}`)) {
          for (const form of FORMS) {
            const inputs = { ...minimumOf(type), [name]: form(text) };
            const { inputs: checked, failures } = await hooks(type.type).check({}, inputs);
            assert.deepEqual(checked, inputs);
            for (const { reason } of failures) {
              assert.ok(reason.length > 5 && !hasHole(reason, text), reason);
            }
            if ((secret || confidential === true) && text.length > 6)
              for (const { property, reason } of failures) assert.ok(!`${property}${reason}`.includes(text), reason);
            tally[failures.length === 0 ? "data" : "refused"]++;
          }
        }
        count(`${type.type}.${name} (check alone)`, 0, scaled(200), tally);
      });
    }
  });
}
