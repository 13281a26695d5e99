/** The SQL that a preview shows, and the SQL that the server has been sent. */

import type { Stack } from "./stack";

/** Lines of the inputs `sql` in the output of a preview: those that would be sent, without what was sent before. */
export function shownSql(output: string): string[] {
  const lines = output.split("\n");
  return lines.flatMap((line, index) => {
    const one = /^\s*[+~]? *sql *: (?:".*" => )?("(?:[^"\\]|\\.)*")$/.exec(line)?.[1];
    if (one !== undefined) return (JSON.parse(one) as string).split("\n").map((text) => text.trim());
    if (!/^\s*~ sql *: *$/.test(line)) return [];
    const block = lines.slice(index + 1);
    const end = block.findIndex((text) => !/^\s{8}/.test(text));
    // What stands in both texts has no sign, and is in the new one as well.
    const now = block.slice(0, end < 0 ? undefined : end).filter((text) => !/^\s*- /.test(text));
    return now.map((text) => text.replace(/^\s*\+ /, "").trim());
  });
}

/** What a server is told that changes nothing. */
const QUIET = [
  /^(BEGIN|COMMIT|ROLLBACK)$/,
  /^SET (LOCAL )?(lock_timeout|statement_timeout) /,
  /^SELECT (?!pg_catalog\.pg_create_)/,
  /^$/,
];

/** The statements that an application has sent while something was done, passwords left out. */
export async function sentBy(stack: Stack, application: string, work: () => Promise<unknown>): Promise<string[]> {
  const before = (await stack.server.log()).length;
  await work();
  const log = (await stack.server.log()).slice(before).replaceAll("\n\t", "\n");
  const entries = log.split(/^(?=\d{4}-\d\d-\d\d )/m).filter((entry) => entry.includes(` ${application} `));
  const texts = entries.flatMap((entry) => / (?:statement|execute <unnamed>): ([\s\S]*)\n$/.exec(entry)?.[1] ?? []);
  return texts
    .flatMap((text) => statementsOf(text))
    .map((text) => text.replace(/PASSWORD '[^']*'/, "PASSWORD [secret]"))
    .filter((text) => !QUIET.some((quiet) => quiet.test(text)));
}

/** The statements of a text, whose semicolons may stand in names and literals as well; space is one space, but in those. */
export function statementsOf(text: string): string[] {
  const found: string[] = [];
  let current = "";
  for (const [piece] of text.matchAll(/"(?:[^"]|"")*"|E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|;\s*|[^"';E]+|E/g)) {
    if (piece.startsWith(";")) {
      found.push(current);
      current = "";
    } else current += /^(?:E?'|")/.test(piece) ? piece : piece.replace(/\s+/g, " ");
  }
  return [...found, current].map((one) => one.trim());
}
