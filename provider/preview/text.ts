/** Statements as people read them before they are sent. */

import type { ObjectType, Statement, Values } from "../definition";
import { looks } from "../limits";
import { comment } from "../sql";
import { isUnknown, UNKNOWN } from "../unknown";

/** Statements in their order, secrets and unknown values in brackets. Those that only look are left out. */
export function linesOf(statements: readonly Statement[], home: string): string[] {
  return statements.flatMap((statement) => {
    const { sql, database = home, foreseen = [] } = statement;
    if (looks(statement)) return linesOf(foreseen, home);
    const text = hidden(sql.display);
    return [
      ...(database === home ? [] : [note(`in database ${hidden(database)}`)]),
      text.startsWith("--") ? text : `${text};`,
    ];
  });
}

/**
 * Lines that nobody takes for data. What has several lines and can be read as YAML, the CLI shows as the list or mapping that
 * it would be; it can be read so only if the first line ends a key.
 */
export function noData(lines: string[]): string[] {
  const [first = "", ...others] = lines.join("\n").split("\n");
  return others.length > 0 && /:([\s\u0085]|$)/.test(first) ? [note("what is sent"), ...lines] : lines;
}

/** What is said beside statements. */
export function note(text: string): string {
  return comment(text).display;
}

function hidden(text: string): string {
  return text
    .replaceAll(`"${UNKNOWN}"`, "[unknown]")
    .replaceAll(`'${UNKNOWN}'`, "[unknown]")
    .replaceAll(UNKNOWN, "[unknown]");
}

/** What can be put into a statement: values, even unknown ones that look like a value; and the names of the others. */
export function presentable(type: ObjectType, values: Values): { shown: Values; unknown: string[] } {
  const unknown = Object.entries(values).flatMap(([name, value]) => {
    const field = type.fields[name];
    return field !== undefined && isUnknown(value) && !field.value.accepts(value) ? [name] : [];
  });
  return { shown: Object.fromEntries(Object.entries(values).filter(([name]) => !unknown.includes(name))), unknown };
}
