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
 * @throws when a filter matches no file, or there is no file at all.
 */
export async function testFiles(filters: string[]): Promise<TestFile[]> {
  const sources = await readdir(join(root, "test"), { recursive: true });
  const all = sources
    .filter((source) => source.endsWith(".test.ts"))
    .map((source) => ({
      name: join("test", source),
      compiled: join(root, "dist", "test", source.replace(/\.ts$/, ".js")),
    }));
  // A filter may be a path as the shell completes it, of the source or of the compiled file.
  const wanted = (filters.length === 0 ? ["test/"] : filters).map((filter) => {
    const part = relative(root, resolve(filter))
      .replace(/^dist\//, "")
      .replace(/\.js$/, ".ts");
    const matches = all.filter(({ name }) => name.includes(filter) || name.includes(part));
    if (matches.length === 0) throw new Error(`no test file matches ${filter}`);
    return matches;
  });
  return [...new Set(wanted.flat())].sort((a, b) => (a.name < b.name ? -1 : 1));
}
