import { readdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

/** A test file: its path as a person names it, and its compiled form. */
export interface TestFile {
  /** For instance `test/support/postgres.test.ts`. */
  readonly name: string;
  readonly compiled: string;
}

/**
 * The test files whose name contains one of the filters, or all when there is none. They are found by their sources,
 * so that the compiled form of a deleted one is not run.
 */
export async function testFiles(filters: string[]): Promise<TestFile[]> {
  const sources = await readdir(join(root, "test"), { recursive: true });
  const wanted = filters.map((filter) =>
    relative(root, resolve(filter))
      .replace(/^dist\//, "")
      .replace(/\.js$/, ".ts"),
  );
  return sources
    .filter((source) => source.endsWith(".test.ts"))
    .map((source) => ({
      name: join("test", source),
      compiled: join(root, "dist", "test", source.replace(/\.ts$/, ".js")),
    }))
    .filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
