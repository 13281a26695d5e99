/** Texts written into SQL as the tests understand it: by other means than the code under test. */

/** A literal. */
export function quotedText(text: string): string {
  const doubled = text.split("'").join("''");
  return text.includes("\\") ? `E'${doubled.split("\\").join("\\\\")}'` : `'${doubled}'`;
}

/** A name. */
export function quotedName(text: string): string {
  return `"${text.split('"').join('""')}"`;
}

/** A literal between dollars, with a tag that is not in the text. */
export function inDollars(text: string): string {
  let tag = "$q$";
  for (let number = 0; text.includes(tag); number++) tag = `$q${number}$`;
  return `${tag}${text}${tag}`;
}

/** SQL between two comments that hold the text, but for what would begin or end one. */
export function betweenComments(text: string, sql: string): string {
  const inner = text.replace(/[*/]+/g, "*");
  return `/* ${inner} */ ${sql} -- ${text.replace(/[\r\n]/g, "")}`;
}
