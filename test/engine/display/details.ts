import { type ContainerDiff, diffObjects, diffValues, emptyDiff, type PropertyDiff, type ValueDiff } from "../diff";
import type { StepView } from "../events";
import type { PropertyPath } from "../paths";
import { isStack } from "../urn";
import { isObject, type PropertyMap, Secret, UNKNOWN, Unknown, type Value } from "../values";
import type { Paint } from "./ops";
import { isInternal, PropertyPrinter } from "./properties";

/** The properties of a step that is shown in full: all of them, or those that differ. `indent` is that of its header. */
export function stepDetails(step: StepView, indent: number, refresh: boolean, paint: Paint): string {
  if (step.op === "same") return "";
  const { old, now } = step;
  const printer = (op: StepView["op"], prefix: boolean) => new PropertyPrinter(paint, indent + 1, op, prefix);
  if (step.detailed !== undefined && old && now) {
    const diff = translate(step.detailed, step, refresh);
    return diff ? printer("same", true).objectDiff(diff) : printer("same", true).object(old.inputs);
  }
  if (now !== undefined && old === undefined) {
    return printer(step.op, false).object(Object.keys(now.outputs).length > 0 ? now.outputs : now.inputs);
  }
  if (old === undefined || now === undefined) return printer(step.op, false).object(step.res.inputs);
  const outputs = Object.keys(now.outputs).length > 0;
  const [before, after] = outputs ? [old.outputs, now.outputs] : [old.inputs, now.inputs];
  const diff = diffObjects(before, after, isInternal);
  if (diff === undefined) return printer("same", true).object(after);
  return printer("same", true).objectDiff(outputs ? diff : only(diff, step.diffs));
}

/** The outputs of a step that are worth showing: new ones, and those that differ from before. */
export function stepOutputs(step: StepView, indent: number, preview: boolean, refresh: boolean, paint: Paint): string {
  const stack = isStack(step.urn);
  if (preview && !refresh && !stack && step.op !== "read" && step.op !== "read-replacement") return "";
  if ((step.old?.initErrors?.length ?? 0) > 0) return "";
  const showSames = !preview && stack;
  const inputs = step.now?.inputs ?? {};
  const outputs = step.now?.outputs ?? {};
  const diff = step.old && diffObjects(step.old.outputs, outputs, isInternal);
  if (diff !== undefined && preview && stack) dropUnknowns(diff);
  if (step.old !== undefined && diff === undefined && !showSames) return "";
  const printer = new PropertyPrinter(paint, indent, step.op, false);
  const repeatsInput = (key: string) =>
    !refresh && inputs[key] !== undefined && diffValues(outputs[key] ?? null, inputs[key], isInternal) === undefined;
  if (diff === undefined) {
    const keys = Object.keys(outputs).sort();
    const width = Math.max(0, ...keys.map((key) => key.length));
    return keys
      .filter((key) => !isInternal(key) && isPrintable(outputs[key]) && !repeatsInput(key))
      .map((key) => printer.property(key, outputs[key] as Value, width))
      .join("");
  }
  const keys = diffKeys(diff);
  const width = Math.max(0, ...keys.map((key) => key.length));
  return keys
    .filter((key) => !repeatsInput(key) && (showSames || !diff.sames.has(key)))
    .map((key) => printer.propertyDiff(key, width, diff))
    .join("");
}

function diffKeys(diff: ContainerDiff<string>): string[] {
  return [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys(), ...diff.sames.keys()].sort();
}

function isPrintable(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

function only(diff: ContainerDiff<string>, keys: string[]): ContainerDiff<string> {
  if (keys.length === 0) return diff;
  for (const part of [diff.adds, diff.deletes, diff.updates, diff.sames]) {
    for (const key of part.keys()) if (!keys.includes(key)) part.delete(key);
  }
  return diff;
}

/** What is merely not known yet is no change of an output. */
function dropUnknowns(diff: ContainerDiff<string>): void {
  for (const [key, update] of diff.updates) {
    if (update.object !== undefined) dropUnknowns(update.object);
    const now = update.new instanceof Secret ? update.new.value : update.new;
    const empty = update.object !== undefined && diffKeys(update.object).length === update.object.sames.size;
    if (now instanceof Unknown || empty) diff.updates.delete(key);
  }
}

/** Builds the difference to show from the paths at which the engine has found one. */
export function translate(diffs: PropertyDiff[], step: StepView, refresh: boolean): ContainerDiff<string> | undefined {
  const root: ValueDiff = { old: undefined, new: undefined };
  const { old, now } = step;
  for (const { path, kind, input } of diffs) {
    const before = input ? old?.inputs : old?.outputs;
    const after = refresh && !input ? now?.outputs : now?.inputs;
    insert(path, kind, root, before ?? {}, after ?? {});
  }
  return root.object;
}

function child(value: Value | undefined, key: string | number): Value | undefined {
  if (Array.isArray(value)) return value[key as number];
  return isObject(value) ? value[String(key)] : value;
}

function insert(
  path: PropertyPath,
  kind: PropertyDiff["kind"],
  parent: ValueDiff,
  oldParent: PropertyMap | Value | undefined,
  newParent: PropertyMap | Value | undefined,
): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  const [old, now] = [child(oldParent, key), child(newParent, key)];
  if (typeof key === "number") parent.array ??= emptyDiff<number>();
  else parent.object ??= emptyDiff<string>();
  const container = (typeof key === "number" ? parent.array : parent.object) as ContainerDiff<string | number>;
  if (rest.length > 0) {
    if (old === undefined && now !== undefined) container.adds.set(key, now);
    else if (old !== undefined && now === undefined) container.deletes.set(key, old);
    else {
      const inner = container.updates.get(key) ?? { old: undefined, new: undefined };
      insert(rest, kind, inner, old, now);
      container.updates.set(key, inner);
    }
  } else if (kind === "add") container.adds.set(key, now ?? UNKNOWN);
  else if (kind === "delete") container.deletes.set(key, old ?? UNKNOWN);
  else container.updates.set(key, diffValues(old, now) ?? { old, new: now });
}
