import type { PropertyPath } from "./paths";
import { equal, hasValue, isObject, type PropertyMap, type Value } from "./values";

/** The difference between two values: of the parts where both are objects or both are arrays, else as a whole. */
export interface ValueDiff {
  old: Value | undefined;
  new: Value | undefined;
  object?: ContainerDiff<string>;
  array?: ContainerDiff<number>;
}

/** The difference between two objects (by name) or two arrays (by index). */
export interface ContainerDiff<K extends string | number> {
  adds: Map<K, Value>;
  deletes: Map<K, Value>;
  sames: Map<K, Value>;
  updates: Map<K, ValueDiff>;
}

/** An empty difference. */
export function emptyDiff<K extends string | number>(): ContainerDiff<K> {
  return { adds: new Map(), deletes: new Map(), sames: new Map(), updates: new Map() };
}

function changed<K extends string | number>(diff: ContainerDiff<K>): ContainerDiff<K> | undefined {
  return diff.adds.size + diff.deletes.size + diff.updates.size > 0 ? diff : undefined;
}

/** The difference between two property maps, `undefined` when there is none. `ignore` leaves out properties. */
export function diffObjects(
  old: PropertyMap,
  now: PropertyMap,
  ignore: (key: string) => boolean = () => false,
): ContainerDiff<string> | undefined {
  const diff = emptyDiff<string>();
  for (const [key, before] of Object.entries(old)) {
    if (ignore(key)) continue;
    const after = now[key];
    if (after === undefined) {
      if (hasValue(before)) diff.deletes.set(key, before);
      continue;
    }
    const update = diffValues(before, after, ignore);
    if (update === undefined) diff.sames.set(key, before);
    else if (!hasValue(before)) diff.adds.set(key, after);
    else if (!hasValue(after)) diff.deletes.set(key, before);
    else diff.updates.set(key, update);
  }
  for (const [key, after] of Object.entries(now)) {
    if (!ignore(key) && old[key] === undefined && hasValue(after)) diff.adds.set(key, after);
  }
  return changed(diff);
}

/** The difference between two values, `undefined` when there is none. */
export function diffValues(
  old: Value | undefined,
  now: Value | undefined,
  ignore: (key: string) => boolean = () => false,
): ValueDiff | undefined {
  if (Array.isArray(old) && Array.isArray(now)) {
    const array = emptyDiff<number>();
    for (let i = 0; i < Math.max(old.length, now.length); i++) {
      if (i >= old.length) array.adds.set(i, now[i] as Value);
      else if (i >= now.length) array.deletes.set(i, old[i] as Value);
      else {
        const update = diffValues(old[i], now[i], ignore);
        if (update === undefined) array.sames.set(i, old[i] as Value);
        else array.updates.set(i, update);
      }
    }
    return changed(array) && { old, new: now, array };
  }
  if (isObject(old) && isObject(now)) {
    const object = diffObjects(old, now, ignore);
    return object && { old, new: now, object };
  }
  return equal(old, now) ? undefined : { old, new: now };
}

/** What happened at one path. */
export interface PropertyDiff {
  path: PropertyPath;
  kind: "add" | "delete" | "update";
  /** The change makes it necessary to replace the resource. */
  replace: boolean;
  /** The old value is an input; otherwise it is an output. */
  input: boolean;
}

/** The paths at which two sets of inputs differ, as deep as they can be followed. */
export function detailedDiff(diff: ContainerDiff<string>): PropertyDiff[] {
  const found: PropertyDiff[] = [];
  const add = (path: PropertyPath, kind: PropertyDiff["kind"]) =>
    found.push({ path, kind, replace: false, input: true });
  const walk = (path: PropertyPath, part: ContainerDiff<string> | ContainerDiff<number>): void => {
    for (const [key, update] of part.updates) {
      const at = [...path, key];
      const inner = update.object ?? update.array;
      if (inner !== undefined) walk(at, inner);
      else if (update.old === null) add(at, "add");
      else add(at, update.new === null ? "delete" : "update");
    }
    for (const key of part.adds.keys()) add([...path, key], "add");
    for (const key of part.deletes.keys()) add([...path, key], "delete");
  };
  walk([], diff);
  return found;
}

/** The changes that would undo the given ones. */
export function invert(diffs: PropertyDiff[]): PropertyDiff[] {
  const opposite = { add: "delete", delete: "add", update: "update" } as const;
  return diffs.map((diff) => ({ ...diff, kind: opposite[diff.kind] }));
}
