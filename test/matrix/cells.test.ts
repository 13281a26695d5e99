import assert from "node:assert/strict";
import { it } from "node:test";
import { readme } from "../support/reference";
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

it("the README names as supported what there is a cell for", () => {
  const { postgres, node, sdk, typescript } = values;
  const text = [
    `It supports PostgreSQL ${postgres[0]} to ${postgres.at(-1)}`,
    `\`@pulumi/pulumi\` ${sdk[0]?.replace(/\.0$/, "")} and newer`,
    `Node.js ${node[0]} and newer`,
    `and TypeScript ${typescript[0]} and newer.`,
  ];
  assert.ok(readme().is.includes(text.join(", ")), text.join(", "));
});
