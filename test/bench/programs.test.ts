import assert from "node:assert/strict";
import test from "node:test";
import { providerText } from "../../resources/base";
import { NO_OP_TEXT, TYPES } from "./programs";
import { declaredRoles } from "./roles";

test("a no-op resource is as long in the state as a role: provider text and type", () => {
  assert.notEqual(NO_OP_TEXT, providerText("Role"));
  assert.equal(NO_OP_TEXT.length, providerText("Role").length);
  assert.notEqual(TYPES.noOp, TYPES.ours);
  assert.equal(TYPES.noOp.length, TYPES.ours.length);
});

test("half of the passwords are rotated, each to one of the same length; names stay", () => {
  const [before, after] = [declaredRoles("role", 10, false), declaredRoles("role", 10, true)];
  assert.deepEqual(
    before.map(({ name }) => name),
    after.map(({ name }) => name),
  );
  assert.equal(before.filter(({ password }, index) => password !== after[index]?.password).length, 5);
  assert.equal(new Set([...before, ...after].map(({ password }) => password.length)).size, 1);
});

test("the plain client has roles of its own, with names of the same length", () => {
  const [ours, others] = [declaredRoles("role", 3, false), declaredRoles("psql", 3, false)];
  const names = [...ours, ...others].map(({ name }) => name);
  assert.equal(new Set(names).size, 6);
  assert.equal(new Set(names.map(({ length }) => length)).size, 1);
});
