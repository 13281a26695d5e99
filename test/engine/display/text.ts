import type { Value } from "../values";

/** An object or a list that is written as JSON in a text; anything else is just text. */
export function parseJson(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** A line that was added, deleted, or is the same. */
export interface TextLine {
  op: "create" | "delete" | "same";
  text: string;
}

/** How many unchanged lines are shown around a change. */
const CONTEXT = 2;

/** The difference between two texts of several lines; long stretches without a change are cut short. */
export function textDiff(old: string, now: string): TextLine[] {
  const [a, b] = [old.split("\n"), now.split("\n")];
  const common = longestCommon(a, b);
  const lines: TextLine[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...common, [a.length, b.length] as const]) {
    for (; i < x; i++) lines.push({ op: "delete", text: a[i] as string });
    for (; j < y; j++) lines.push({ op: "create", text: b[j] as string });
    if (x < a.length) lines.push({ op: "same", text: a[x] as string });
    i = x + 1;
    j = y + 1;
  }
  return shorten(lines.filter((line) => line.text.trim() !== ""));
}

/** Pairs of indexes of the longest sequence of lines that both texts have. */
function longestCommon(a: string[], b: string[]): (readonly [number, number])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      (lengths[i] as number[])[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function shorten(lines: TextLine[]): TextLine[] {
  const result: TextLine[] = [];
  for (let start = 0; start < lines.length; ) {
    let end = start;
    while (lines[end]?.op === "same") end++;
    if (end === start) {
      result.push(lines[start++] as TextLine);
      continue;
    }
    const before = start === 0 ? 0 : CONTEXT;
    const after = end === lines.length ? 0 : CONTEXT;
    if (end - start > before + after + 1) {
      result.push(...lines.slice(start, start + before), { op: "same", text: "..." }, ...lines.slice(end - after, end));
    } else result.push(...lines.slice(start, end));
    start = end;
  }
  return result;
}

/** How much of a text is shown that is not shown whole. */
const MOST = { lines: 3, bytes: 150 } as const;

/** The first lines of a text, each as far as it is shown, in quotes. */
export function quotedBeginning(text: string): string {
  const lines = text.split("\n");
  const first = lines.slice(0, MOST.lines).map((line) => quotedStart(Buffer.from(line)));
  return `"${[...first, ...(lines.length > MOST.lines ? ["..."] : [])].join("\\n")}"`;
}

/** A line without the quotes; it may be cut within a character. */
function quotedStart(line: Buffer): string {
  const quoted = (bytes: Buffer) => JSON.stringify(bytes.toString()).slice(1, -1);
  if (line.length <= MOST.bytes) return quoted(line);
  let whole: number = MOST.bytes;
  while (((line[whole] ?? 0) & 0xc0) === 0x80) whole--;
  const part = [...line.subarray(whole, MOST.bytes)].map((byte) => `\\x${byte.toString(16)}`);
  return `${quoted(line.subarray(0, whole))}${part.join("")}...`;
}
