import assert from "node:assert/strict";
import { it } from "node:test";
import { axes, cells, packagesOf, values } from "./cells";

it("the cells together have every value of every axis", () => {
  for (const axis of axes) {
    const covered = new Set(cells.map((cell) => cell[axis]));
    assert.deepEqual([...covered].sort(), [...values[axis]].sort(), axis);
  }
});

it("each cell names a value of every axis, and installs what package-lock.json has not", () => {
  for (const cell of cells) {
    assert.deepEqual(Object.keys(cell).sort(), [...axes].sort());
    const brought = ["14", "18"].includes(cell.postgres ?? "") ? 3 : 4;
    assert.equal(packagesOf(cell).length, brought, JSON.stringify(cell));
  }
});
