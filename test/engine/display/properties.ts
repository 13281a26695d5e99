import { type ContainerDiff, diffValues, type ValueDiff } from "../diff";
import type { StepOp } from "../events";
import { hasValue, isObject, type PropertyMap, Secret, Unknown, type Value } from "../values";
import { type Paint, PREFIX } from "./ops";
import { parseJson, textDiff } from "./text";

/** Whether a name is the engine's own business. */
export function isInternal(key: string): boolean {
  return key.startsWith("__");
}

function isPrimitive(value: Value | undefined): boolean {
  return value === undefined || !(Array.isArray(value) || isObject(value));
}

/** Empty values are clutter. */
function isWorthPrinting(value: Value | undefined): boolean {
  if (!hasValue(value) || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

function widest(keys: string[]): number {
  return Math.max(0, ...keys.map((key) => key.length));
}

type Title = (printer: PropertyPrinter) => string;

/** Prints properties and their differences the way `pulumi preview --diff` does. */
export class PropertyPrinter {
  constructor(
    private readonly paint: Paint,
    private readonly indent: number,
    private readonly op: StepOp,
    private readonly prefix: boolean,
  ) {}

  /** All properties of an object, one per line. */
  object(properties: PropertyMap): string {
    const keys = Object.keys(properties).sort();
    const width = widest(keys);
    return keys
      .filter((key) => !isInternal(key))
      .map((key) => this.property(key, properties[key] as Value, width))
      .join("");
  }

  /** The properties of an object that differ. */
  objectDiff(diff: ContainerDiff<string>): string {
    const keys = [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys(), ...diff.sames.keys()].sort();
    const width = widest(keys);
    return keys.map((key) => this.propertyDiff(key, width, diff)).join("");
  }

  /** One property. */
  property(key: string, value: Value, width: number): string {
    return `${this.title(key, width)}${this.value(value)}\n`;
  }

  /** The difference of one property. */
  propertyDiff(key: string, width: number, diff: ContainerDiff<string>): string {
    const title: Title = (printer) => printer.title(key, width);
    const same = diff.sames.get(key);
    if (same !== undefined) {
      return isWorthPrinting(same) ? this.with({ op: "same", prefix: false }).property(key, same, width) : "";
    }
    return this.entryDiff(key, diff, title);
  }

  private entryDiff<K extends string | number>(key: K, diff: ContainerDiff<K>, title: Title): string {
    const [added, deleted, updated] = [diff.adds.get(key), diff.deletes.get(key), diff.updates.get(key)];
    if (added !== undefined) return this.whole("create", added, title);
    if (deleted !== undefined) return this.whole("delete", deleted, title);
    return updated === undefined ? "" : this.valueDiff(updated, title);
  }

  private whole(op: "create" | "delete", value: Value, title: Title): string {
    const printer = this.with({ op, prefix: true });
    return `${title(printer)}${printer.value(value)}\n`;
  }

  private valueDiff(diff: ValueDiff, title: Title): string {
    const p = this.with({ op: "update", prefix: true });
    const end = p.with({ prefix: false });
    if (diff.array !== undefined) return `${title(p)}[\n${p.arrayDiff(diff.array)}${end.pad()}]\n`;
    if (diff.object !== undefined) {
      return `${title(p)}{\n${p.with({ indent: p.indent + 1 }).objectDiff(diff.object)}${end.pad()}}\n`;
    }
    const { old, new: now } = diff;
    if (isWorthPrinting(old) && isWorthPrinting(now) && isPrimitive(old) && isPrimitive(now)) {
      if (typeof old === "string" && typeof now === "string") return `${title(p)}${p.stringDiff(old, now)}`;
      const before = this.paint.op("delete", p.value(old as Value));
      return `${title(p)}${before} => ${this.paint.op("create", p.value(now as Value))}\n`;
    }
    return (
      (isWorthPrinting(old) ? p.whole("delete", old as Value, title) : "") +
      (isWorthPrinting(now) ? p.whole("create", now as Value, title) : "")
    );
  }

  private arrayDiff(diff: ContainerDiff<number>): string {
    const indexes = [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys(), ...diff.sames.keys()];
    const element = this.with({ indent: this.indent + 2 });
    return indexes
      .sort((a, b) => a - b)
      .map((i) => {
        const title: Title = (printer) => printer.with({ indent: printer.indent - 1 }).line(`[${i}]: `);
        const same = diff.sames.get(i);
        if (same === undefined) return element.entryDiff(i, diff, title);
        const plain = element.with({ op: "same", prefix: false });
        return `${title(plain)}${plain.value(same)}\n`;
      })
      .join("");
  }

  private stringDiff(old: string, now: string): string {
    const [a, b] = [parseJson(old), parseJson(now)];
    if (a !== undefined && b !== undefined) {
      const diff = diffValues(a, b, isInternal);
      if (diff !== undefined) return `(json) ${this.valueDiff(diff, () => "")}`;
    }
    if (!old.includes("\n") && !now.includes("\n")) {
      const before = this.paint.op("delete", JSON.stringify(old));
      return `${before} => ${this.paint.op("create", JSON.stringify(now))}\n`;
    }
    const line = (op: "create" | "delete" | "same", text: string) =>
      `${this.with({ op, prefix: op !== "same", indent: this.indent + 1 }).line(text)}\n`;
    return `\n${textDiff(old, now)
      .map(({ op, text }) => line(op, text))
      .join("")}`;
  }

  private value(value: Value): string {
    if (value instanceof Secret) return "[secret]";
    if (value instanceof Unknown) return "[unknown]";
    if (value === null) return "<null>";
    if (typeof value === "string") {
      const json = parseJson(value);
      return json === undefined ? this.paint.quoted(value) : `(json) ${this.value(json)}\n`;
    }
    const end = this.with({ prefix: false }).pad();
    if (Array.isArray(value)) {
      if (value.length === 0) return "[]";
      const inner = this.with({ indent: this.indent + 1 });
      const line = (v: Value, i: number) => `${this.line(`    [${i}]: `)}${inner.value(v)}\n`;
      return `[\n${value.map(line).join("")}${end}]`;
    }
    if (!isObject(value)) return String(value);
    if (Object.keys(value).length === 0) return "{}";
    return `{\n${this.with({ indent: this.indent + 1 }).object(value)}${end}}`;
  }

  private title(key: string, width: number): string {
    return this.line(`${key.padEnd(width)}: `);
  }

  private line(text: string): string {
    return this.paint.op(this.op, this.pad() + text);
  }

  private pad(): string {
    const spaces = "    ".repeat(this.indent);
    return this.prefix ? spaces.slice(0, -2) + PREFIX[this.op] : spaces;
  }

  private with(change: { op?: StepOp; prefix?: boolean; indent?: number }): PropertyPrinter {
    const { indent = this.indent, op = this.op, prefix = this.prefix } = change;
    return new PropertyPrinter(this.paint, indent, op, prefix);
  }
}
