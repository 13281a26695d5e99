/** The files of statements that a plain client runs beside the steps that send something. */
export type Script = "create" | "alter" | "read" | "drop";

/** One thing to measure. */
export interface Step {
  /** What the table calls it. */
  title(count: number): string;
  readonly operation: "preview" | "up" | "refresh" | "destroy";
  /** Whether half of the passwords are new in it. */
  readonly rotated: boolean;
  /** The numbers that the operation must report, by Pulumi's words, beside what stays the same. */
  changes(count: number): Record<string, number>;
  /** How many times as long as the no-op's it may take, on the real CLI. */
  readonly limit: number;
  /** The same statements for a plain client; undefined where nothing is sent. */
  readonly script?: Script;
}

/** The provider and the stack itself are counted by Pulumi as well. */
const all = (count: number) => count + 2;

/** The steps, in the order in which they are measured. */
export const STEPS: readonly Step[] = [
  {
    title: (count) => `preview of ${inWords(count)} creates`,
    operation: "preview",
    rotated: false,
    changes: (count) => ({ create: all(count) }),
    limit: 1.1,
  },
  {
    title: () => "up",
    operation: "up",
    rotated: false,
    changes: (count) => ({ create: all(count) }),
    limit: 1.1,
    script: "create",
  },
  {
    title: () => "preview, nothing to do",
    operation: "preview",
    rotated: false,
    changes: () => ({}),
    limit: 1.1,
  },
  {
    title: (count) => `update of ${inWords(count / 2)} passwords`,
    operation: "up",
    rotated: true,
    changes: (count) => ({ update: count / 2 }),
    limit: 1.1,
    script: "alter",
  },
  { title: () => "refresh", operation: "refresh", rotated: true, changes: () => ({}), limit: 1.3, script: "read" },
  {
    title: () => "destroy",
    operation: "destroy",
    rotated: true,
    changes: (count) => ({ delete: all(count) }),
    limit: 1.4,
    script: "drop",
  },
];

/** A number as people write it: 1,000. */
export function inWords(count: number): string {
  return count.toLocaleString("en-US");
}
