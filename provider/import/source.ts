/** TypeScript expressions as text, formatted the way Prettier and Biome format them. */

/** An expression: source text as it is, a list, or an object. */
export type Expression = Source | readonly Expression[] | Entries;

/** The properties of an object, in their order. */
export interface Entries {
  readonly [name: string]: Expression;
}

/** Source text that stands for itself: a literal, a variable's property, a call. */
export class Source {
  constructor(
    readonly text: string,
    /** The same on several lines, where there is a way; `indent` are the spaces before the line that it begins on. */
    readonly onLines?: (indent: number) => string,
  ) {}
}

/** A call with one text as its argument. */
export function callOf(callee: string, argument: string): Source {
  const text = quoted(argument);
  return new Source(`${callee}(${text})`, (indent) => {
    const margin = " ".repeat(indent);
    return `${callee}(\n${margin}  ${text},\n${margin})`;
  });
}

/** The width of a line. */
export const WIDTH = 80;
/** Behind a name that is shorter, a long text begins on the same line. */
const SHORT_KEY = 5;
/** Characters that take two columns, and those that take none, as far as names have them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1d300}-\u{1d356}\u{17000}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/gu;
const NARROW = /\p{Mn}|\p{Me}/gu;
/** Characters that nobody sees, or that turn the text around them. JSON escapes some of them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
/** Literals that are never moved to a line of their own. */
const SIMPLE = /^(?:\d|true$|false$|null$)/;
const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
/** What some version of Unicode may take for an identifier. */
const IDENTIFIER_SOMEWHERE = /^[\p{ID_Continue}\p{Cn}$]+$/u;
/** Characters that TypeScript 5.2 may not know in identifiers: all but the older ones of Europe, the Middle East and East Asia. */
const UNCOMMON = /[^\0-\u086f\u1e00-\u1fff\u3041-\u3096\u30a1-\u30fa\u3400-\u4db5\u4e00-\u9fd5\uac00-\ud7a3]/gu;

/** How many columns a text takes. */
export function columns(text: string): number {
  // Most texts are plain, and there are many.
  if (/^[\x20-\x7e\n]*$/.test(text)) return text.length;
  return [...text.replace(NARROW, "").replace(WIDE, "xx")].length;
}

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
  if (flat !== undefined && used + columns(flat) <= WIDTH) return flat;
  if (expression instanceof Source) return expression.onLines?.(indent) ?? expression.text;
  const inner = indent + 2;
  const margin = " ".repeat(inner);
  const lines = isList(expression)
    ? expression.map((one) => `${margin}${format(one, inner, inner + 1)},`)
    : Object.entries(expression).map(([name, one]) => {
        const before = `${margin}${key(name)}:`;
        // Behind a name that fills the line, nothing begins.
        if (!(one instanceof Source) && columns(before) + 2 > WIDTH)
          return `${before}\n${margin}  ${format(one, inner + 2, inner + 3)},`;
        const text = format(one, inner, columns(before) + 2);
        const stays =
          !(one instanceof Source) ||
          one.onLines !== undefined ||
          columns(key(name)) < SHORT_KEY ||
          SIMPLE.test(one.text);
        const fits = stays || columns(before) + 2 + columns(text) <= WIDTH;
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

/** What only newer compilers take for an identifier has escapes, since formatters would leave out its quotes. */
function key(name: string): string {
  const escaped = name.replace(UNCOMMON, escapesOf);
  if (escaped === name) return IDENTIFIER.test(name) ? name : quoted(name);
  return IDENTIFIER_SOMEWHERE.test(name) ? `"${escaped}"` : quoted(name);
}

/** A text with the quotes that need fewer backslashes, the double ones where both are the same to it. */
export function quoted(value: string): string {
  const escaped = JSON.stringify(value).replace(UNSEEN, escapesOf);
  const doubles = value.split('"').length;
  if (doubles <= value.split("'").length) return escaped;
  const inner = escaped.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

function escapesOf(char: string): string {
  const units = Array.from({ length: char.length }, (_, index) => char.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
