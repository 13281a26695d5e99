import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkInputs, diffInputs } from "../../provider/check";
import type { CheckFailure, Field, ObjectType, Values } from "../../provider/definition";
import { RefusedError } from "../../provider/errors";
import { objectTypes } from "../../provider/objects";
import type { Json } from "../../provider/values";
import { besideOf, minimumOf, sampleOf } from "./attribute-samples";
import { HOSTILE_NAMES, TWO_PARTS, UNKNOWN } from "./samples";

type Beside = (value: Json) => Values;

/** Runs a body for every attribute of every type, with values that are acceptable beside a value of it. */
function everyField(body: (type: ObjectType, name: string, field: Field, beside: Beside) => void): void {
  for (const type of objectTypes.values()) {
    for (const [name, field] of Object.entries(type.fields)) {
      it(`${type.type}.${name}`, () => {
        body(type, name, field, besideOf(type, name, field));
      });
    }
  }
}

function failure(failures: CheckFailure[]): CheckFailure {
  assert.equal(failures.length, 1, JSON.stringify(failures));
  return failures[0] as CheckFailure;
}

describe("checkInputs: a good value passes", () => {
  everyField((type, name, field, beside) => {
    const { good, other, equal } = sampleOf(type, name, field);
    for (const value of [good, other, ...(equal === undefined ? [] : [equal])]) {
      assert.deepEqual(checkInputs(type, {}, { ...beside(value), [name]: value }), []);
    }
  });
});

describe("checkInputs: a wrong value is refused by name, a secret's is never shown", () => {
  everyField((type, name, field, beside) => {
    const { bad } = sampleOf(type, name, field);
    for (const value of [bad, { nested: bad }]) {
      const { property, reason } = failure(checkInputs(type, {}, { ...beside(bad), [name]: value }));
      const expected = field.value.reason?.(value) ?? `must be ${field.value.expects}`;
      if (field.secret || field.confidential) {
        assert.equal(property, "");
        assert.equal(reason, `${name} ${expected}`);
      } else {
        assert.equal(property, name);
        assert.equal(reason, expected);
      }
      assert.ok(!reason.includes(String(bad)));
    }
  });
});

describe("checkInputs: an unknown value passes, at any depth", () => {
  everyField((type, name, _field, beside) => {
    for (const value of [UNKNOWN, [UNKNOWN], ["x".repeat(64), UNKNOWN]]) {
      const rest = beside(value);
      assert.deepEqual(checkInputs(type, {}, { ...rest, [name]: value }), []);
      assert.deepEqual(checkInputs(type, { ...rest, [name]: "before" }, { ...rest, [name]: value }), []);
    }
  });
});

describe("checkInputs: null passes where there is a default", () => {
  everyField((type, name, field, beside) => {
    const failures = checkInputs(type, {}, { ...beside(null), [name]: null });
    if (field.default !== undefined) assert.deepEqual(failures, []);
    else assert.deepEqual(failures, [{ property: name, reason: `must be ${field.value.expects}, not null` }]);
  });
});

describe("checkInputs", () => {
  for (const type of objectTypes.values()) {
    it(`${type.type}: misses a key`, () => {
      assert.deepEqual(
        checkInputs(type, {}, {}),
        type.key
          .filter((property) => type.fields[property]?.default === undefined)
          .map((property) => ({ property, reason: "is missing" })),
      );
    });

    it(`${type.type}: refuses what is no attribute, but not the provider's text`, () => {
      const rest = minimumOf(type);
      for (const property of ["nmae", "constructor", "toString", "hasOwnProperty"]) {
        assert.deepEqual(failure(checkInputs(type, {}, { ...rest, [property]: "x" })), {
          property,
          reason: `is not an attribute of a ${type.type}`,
        });
      }
      assert.deepEqual(checkInputs(type, {}, { ...rest, __provider: "text" }), []);
    });

    // PostgreSQL itself takes but few characters for the name of a slot; oids and types of arguments are no names.
    const named = type.key.filter((key) => type.fields[key]?.value.accepts('"a" (b'));
    if (named.length === 0) continue;
    it(`${type.type}: takes awkward names`, () => {
      for (const name of HOSTILE_NAMES) {
        const names = Object.fromEntries(named.map((key) => [key, name]));
        assert.deepEqual(checkInputs(type, {}, { ...minimumOf(type), ...names }), []);
      }
    });
  }

  it("a part of the key that has a default may be left out", () => {
    assert.deepEqual(checkInputs(TWO_PARTS, {}, { name: "a" }), []);
    assert.deepEqual(checkInputs(TWO_PARTS, {}, { schema: "s" }), [{ property: "name", reason: "is missing" }]);
  });

  it("names every wrong property at once", () => {
    const role = objectTypes.get("Role") as ObjectType;
    const failures = checkInputs(role, {}, { name: "", login: 1, password: 2 } as Values);
    assert.deepEqual(failures.map(({ property }) => property).sort(), ["", "login", "name"]);
  });
});

describe("guarded attributes", () => {
  everyField((type, name, field, beside) => {
    const { good, other, required } = sampleOf(type, name, field);
    const before: Values = { ...beside(good), [name]: good };
    const change = (after: Json | undefined, more: Values = {}): Values =>
      after === undefined ? { ...beside(good), ...more } : { ...beside(after), ...more, [name]: after };

    if (field.change !== "guard") {
      assert.deepEqual(checkInputs(type, before, change(other)), []);
      const replaced = field.change === "identity" ? [name] : [];
      assert.deepEqual(diffInputs(type, before, change(other)).replaces, replaced);
      return;
    }
    const refused = failure(checkInputs(type, before, change(other)));
    assert.equal(refused.property, name);
    assert.match(refused.reason, /^\w+ is .* and cannot become .* in place\. Set allowReplace: true /);
    // `check` sees inputs only: an attribute that was not declared before is noticed by `diff`, which sees outputs.
    assert.throws(
      () => diffInputs(type, before, change(other)),
      (error: Error) => {
        assert.ok(error instanceof RefusedError);
        assert.match(error.message, /cannot update: .*Set allowReplace: true/);
        return true;
      },
    );
    for (const allowReplace of [false, null]) {
      assert.equal(checkInputs(type, before, change(other, { allowReplace })).length, 1);
    }

    const allowed = change(other, { allowReplace: true });
    assert.deepEqual(checkInputs(type, before, allowed), []);
    assert.deepEqual(diffInputs(type, before, allowed), {
      changes: undefined,
      replaces: [name],
      deleteBeforeReplace: true,
    });

    for (const after of required ? [UNKNOWN] : [UNKNOWN, undefined]) {
      for (const more of [{}, { allowReplace: true }] as Values[]) {
        assert.deepEqual(checkInputs(type, before, change(after, more)), []);
        assert.deepEqual(diffInputs(type, before, change(after, more)).replaces, []);
      }
    }
    assert.deepEqual(checkInputs(type, beside(other), change(other)), [], "declared for the first time");
  });
});

describe("diffInputs: the same is false, another value undefined", () => {
  everyField((type, name, field, beside) => {
    const { good, other, equal } = sampleOf(type, name, field);
    const changes = (before: Json | undefined, after: Json | undefined) => {
      const rest = beside(after ?? good);
      const olds: Values = { oid: 1, systemIdentifier: "1", __provider: "old text", ...rest };
      const news: Values = { ...rest, __provider: "new text" };
      if (before !== undefined) olds[name] = before;
      if (after !== undefined) news[name] = after;
      const difference = diffInputs(type, olds, {
        ...news,
        ...(field.change === "guard" ? { allowReplace: true } : {}),
      });
      assert.equal(difference.deleteBeforeReplace, true);
      return difference.changes;
    };
    // allowReplace itself is a new input then, so that a guard's `false` cannot be seen in this way.
    const same = field.change === "guard" ? undefined : false;
    assert.equal(changes(good, good), same);
    if (equal !== undefined) assert.equal(changes(good, equal), same);
    if (field.default !== undefined) assert.equal(changes(field.default, null), same);

    const different = field.change === "createOnly" ? false : undefined;
    assert.equal(changes(good, other), different);
    assert.equal(changes(good, undefined), different, "taken away");
    assert.equal(changes(undefined, good), different, "added");
    assert.equal(changes(good, UNKNOWN), different, "unknown");
  });

  it("equal spellings of a guarded attribute are no change", () => {
    const database = objectTypes.get("Database") as ObjectType;
    for (const encoding of ["UTF8", "utf-8", "UNICODE"]) {
      assert.deepEqual(diffInputs(database, { name: "d", encoding: "UTF8" }, { name: "d", encoding }), {
        changes: false,
        replaces: [],
        deleteBeforeReplace: true,
      });
    }
  });
});

describe("diffInputs: what was adopted, and would be released, is not replaced", () => {
  everyField((type, name, field, beside) => {
    if (field.change !== "guard" || type.found || type.key.includes(name)) return;
    const { good, other } = sampleOf(type, name, field);
    const olds = { ...beside(good), [name]: good, adopted: true };
    const news = { ...beside(other), [name]: other, allowReplace: true };
    const refused = {
      name: "RefusedError",
      message: /: cannot replace: .*adopted\. Set dropOnDelete: true, and apply that/,
    };
    assert.throws(() => diffInputs(type, olds, news), refused);
    assert.throws(
      () => diffInputs(type, olds, { ...news, dropOnDelete: true }),
      refused,
      "it is dropped as it was applied",
    );
    assert.ok(diffInputs(type, { ...olds, dropOnDelete: true }, news).replaces.includes(name));
    const [key = ""] = type.key;
    assert.ok(diffInputs(type, olds, { ...news, [key]: "another" }).replaces.includes(name), "nothing is in its way");
  });
});
