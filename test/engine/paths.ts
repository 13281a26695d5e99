import { isObject, type PropertyMap, type Value } from "./values";

/** Where in a resource's properties: names of properties and indexes of arrays; `"*"` stands for any of them. */
export type PropertyPath = (string | number)[];

/** Reads a path as users write it: `tags.owner`, `rules[0].users`, `["a.b"]`, `*`. */
export function parsePath(text: string): PropertyPath {
  const path: PropertyPath = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[(\*)\]/gy;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Error(`invalid property path ${JSON.stringify(text)} at ${at}`);
    if (found[2] !== undefined) path.push(Number(found[2]));
    else path.push(found[1] ?? found[4] ?? JSON.parse(`"${found[3]}"`));
  }
  return path;
}

/** Whether a change at `inner` is a change at or below `outer`. */
export function contains(outer: PropertyPath, inner: PropertyPath): boolean {
  return outer.length <= inner.length && outer.every((part, i) => part === "*" || part === inner[i]);
}

/**
 * Sets what stands at the path in `to` back to what stands there in `from`, in place.
 *
 * @returns false where the path cannot be followed in both, and then nothing is changed.
 */
export function resetPath(path: PropertyPath, from: PropertyMap, to: PropertyMap): boolean {
  return reset(path, from, to);
}

function reset(path: PropertyPath, from: Value | undefined, to: Value | undefined): boolean {
  const [head, ...rest] = path;
  if (head === undefined) return true;
  if (head === "*") {
    const keys = new Set<string | number>([...childKeys(from), ...childKeys(to)]);
    return [...keys].every((key) => reset([key, ...rest], from, to));
  }
  if (Array.isArray(from) && Array.isArray(to) && typeof head === "number") {
    if (head >= from.length || head >= to.length) return false;
    if (rest.length > 0) return reset(rest, from[head], to[head]);
    to[head] = from[head] as Value;
    return true;
  }
  if (!isObject(from) || !isObject(to)) return false;
  const key = String(head);
  if (rest.length > 0) {
    if (from[key] === undefined && to[key] === undefined) return true;
    return reset(rest, from[key], to[key]);
  }
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
  return true;
}

function childKeys(value: Value | undefined): (string | number)[] {
  if (Array.isArray(value)) return value.map((_, i) => i);
  return isObject(value) ? Object.keys(value) : [];
}
