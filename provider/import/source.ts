/** TypeScript expressions as text, formatted the way Prettier and Biome format them. */

/** An expression: source text as it is, a list, or an object. */
export type Expression = Source | readonly Expression[] | Entries;

/** The properties of an object, in their order. */
export interface Entries {
  readonly [name: string]: Expression;
}

/** Source text that stands for itself: a literal, a variable's property, a call. */
export class Source {
  constructor(readonly text: string) {}
}

/** The width of a line. */
export const WIDTH = 80;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The literal of a value that JSON has. */
export function literalOf(value: unknown): Expression {
  if (Array.isArray(value)) return value.map(literalOf);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, literalOf(one)]));
  return new Source(typeof value === "string" ? quoted(value) : String(value));
}

/** The literal of a number of 64 bits: a number, or a bigint where a number would lose digits. */
export function integerOf(digits: string): Source {
  return new Source(Number.isSafeInteger(Number(digits)) ? digits : `${digits}n`);
}

/**
 * An expression, on one line where it fits.
 *
 * @param indent spaces before the line that it begins on
 * @param used columns of that line that are taken, before it and behind it
 */
export function format(expression: Expression, indent = 0, used = 0): string {
  const flat = onOneLine(expression);
  if (flat !== undefined && used + flat.length <= WIDTH) return flat;
  if (expression instanceof Source) return expression.text;
  const inner = indent + 2;
  const margin = " ".repeat(inner);
  const lines = isList(expression)
    ? expression.map((one) => `${margin}${format(one, inner, inner + 1)},`)
    : Object.entries(expression).map(([name, one]) => {
        const before = `${margin}${key(name)}:`;
        const text = format(one, inner, before.length + 2);
        const fits = !(one instanceof Source) || before.length + 2 + text.length <= WIDTH;
        return fits ? `${before} ${text},` : `${before}\n${margin}  ${text},`;
      });
  const [open, close] = isList(expression) ? "[]" : "{}";
  return `${open}\n${lines.join("\n")}\n${" ".repeat(indent)}${close}`;
}

/** Undefined for what must stand on several lines. */
function onOneLine(expression: Expression): string | undefined {
  if (expression instanceof Source) return expression.text;
  if (isList(expression)) {
    // A list of several objects of several properties is never on one line.
    const table = expression.length > 1 && expression.every((one) => isObject(one) && Object.keys(one).length > 1);
    const items = expression.map(onOneLine);
    return table || items.includes(undefined) ? undefined : `[${items.join(", ")}]`;
  }
  const entries = Object.entries(expression);
  if (entries.length === 0) return "{}";
  const items = entries.map(([name, one]) => {
    const flat = onOneLine(one);
    return flat === undefined ? undefined : `${key(name)}: ${flat}`;
  });
  return items.includes(undefined) ? undefined : `{ ${items.join(", ")} }`;
}

function isList(expression: Expression): expression is readonly Expression[] {
  return Array.isArray(expression);
}

function isObject(expression: Expression): expression is Entries {
  return !isList(expression) && !(expression instanceof Source);
}

function key(name: string): string {
  return IDENTIFIER.test(name) ? name : quoted(name);
}

/** A text with the quotes that need fewer backslashes, the double ones where both are the same to it. */
export function quoted(value: string): string {
  // What JSON leaves as it is, and an editor might not: line separators, and halves of characters.
  const escaped = JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  const doubles = value.split('"').length;
  if (doubles <= value.split("'").length) return escaped;
  const inner = escaped.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}
