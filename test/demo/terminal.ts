/** Prints a heading with an empty line before it. */
export function heading(text: string): void {
  const line = `── ${text} `.padEnd(76, "─");
  console.log(`\n${process.stdout.isTTY ? `\u001b[1m${line}\u001b[0m` : line}`);
}

/** Lays out rows under their titles in columns as wide as what is in them, each line led by two spaces. */
export function table(titles: string[], rows: string[][]): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const rule = widths.map((width) => "-".repeat(width));
  return [titles, rule, ...rows]
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

/** Runs a command of the demo: an error is printed without its stack and sets the exit code 1. */
export function command(work: () => Promise<number>): void {
  work().then(
    (code) => {
      process.exitCode = code;
    },
    (error: Error) => {
      console.error(`\n${error.message}`);
      process.exitCode = 1;
    },
  );
}
