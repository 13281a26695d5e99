/** Which objects are wanted: patterns of types and names. */

import { InvalidValueError } from "../errors";

interface Pattern {
  readonly text: string;
  /** The type that it is about; undefined: every one. */
  readonly type: string | undefined;
  readonly names: RegExp;
}

/**
 * Chooses objects by name and type. In a pattern, `*` stands for any characters and `?` for one, and a type may stand
 * before a colon: `Role:app_*`. The name of the database, and of the schema, that an object is in counts as its name.
 */
export class Filter {
  private readonly included: readonly Pattern[];
  private readonly excluded: readonly Pattern[];
  private readonly used = new Set<Pattern>();

  /**
   * @param types the types that there are
   * @throws InvalidValueError for a pattern with a type that there is not
   */
  constructor(
    { include = [], exclude = [] }: { readonly include?: readonly string[]; readonly exclude?: readonly string[] },
    types: readonly string[],
  ) {
    this.included = include.map((text) => patternOf(text, types));
    this.excluded = exclude.map((text) => patternOf(text, types));
  }

  /** Whether an object is wanted. `path` are the parts of its name, the database's first where it is in one. */
  wants(type: string, path: readonly string[]): boolean {
    const matching = (patterns: readonly Pattern[]) => patterns.filter((pattern) => matches(pattern, type, path));
    const [included, excluded] = [matching(this.included), matching(this.excluded)];
    for (const pattern of [...included, ...excluded]) this.used.add(pattern);
    return (this.included.length === 0 || included.length > 0) && excluded.length === 0;
  }

  /** Whether any object of a type may be wanted: there is no need to look for them otherwise. */
  mayWant(type: string): boolean {
    return this.included.length === 0 || this.included.some((pattern) => (pattern.type ?? type) === type);
  }

  /** Whether any object of a type in a database may be wanted. */
  mayWantIn(database: string, type: string): boolean {
    const excluded = this.excluded.filter((pattern) => matches(pattern, type, [database]));
    for (const pattern of excluded) this.used.add(pattern);
    return this.mayWant(type) && excluded.length === 0;
  }

  /** The patterns that no object has matched. */
  get unused(): string[] {
    return [...this.included, ...this.excluded].flatMap((pattern) => (this.used.has(pattern) ? [] : [pattern.text]));
  }
}

function patternOf(text: string, types: readonly string[]): Pattern {
  const [, type, names = text] = /^([A-Z]\w*):(.*)$/s.exec(text) ?? [];
  if (type !== undefined && !types.includes(type)) {
    throw new InvalidValueError(`there is no type ${type} (in ${JSON.stringify(text)}), but ${types.join(", ")}`, {
      remedy: `For a name with a colon, write *:${names}`,
    });
  }
  const escaped = names
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return { text, type, names: new RegExp(`^${escaped}$`, "su") };
}

function matches({ type, names }: Pattern, found: string, path: readonly string[]): boolean {
  return (type === undefined || type === found) && path.some((part) => names.test(part));
}
