/** What the resources and variables of a program are called, after the objects that they stand for. */

/** Gives names that are all different: the second of a name gets a number. */
export class Names {
  /** The names that are given, each with the number that the next one of it is tried with. */
  private readonly given = new Map<string, number>();

  /** A name that is free: the wanted one, or it with a number behind it. */
  free(wanted: string): string {
    let [name, number] = [wanted, this.given.get(wanted) ?? 2];
    for (; this.given.has(name); number++) name = `${wanted}${number}`;
    this.given.set(wanted, number);
    if (name !== wanted) this.given.set(name, 2);
    return name;
  }
}

/** A resource's name: the parts of an object's name, without what a URN, a file name or a shell would stumble over. */
export function logicalName(parts: readonly string[]): string {
  const name = parts.map((part) => part.replaceAll(/[^\w-]+/g, "-")).join(".");
  return /[A-Za-z0-9]/.test(name) ? name : `object-${name}`;
}

/** A variable's name: `shop`, `sales_q1` as a Schema are `shopSalesQ1Schema`. */
export function variableName(parts: readonly string[], type: string): string {
  const words = parts.flatMap((part) => part.split(/[^A-Za-z0-9]+/)).filter((word) => word !== "");
  const camel = words.map((word, index) => (index === 0 ? lower(word) : upper(word))).join("");
  // A digit cannot begin it; the type behind it keeps it from being a reserved word.
  return /^[a-z]/.test(camel) ? `${camel}${type}` : `${lower(type)}${camel}`;
}

function lower(word: string): string {
  return word === word.toUpperCase() ? word.toLowerCase() : `${word.slice(0, 1).toLowerCase()}${word.slice(1)}`;
}

function upper(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
