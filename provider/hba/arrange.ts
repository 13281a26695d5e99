/** In which order managed rules stand. It follows from their markers alone, never from when each was written. */

import type { Anchor, Marker } from "./marker";

/** Where each managed rule belongs. Rules without order and anchor stay, and others may stand around them. */
export interface Arrangement {
  /** Before everybody else's first rule. */
  readonly top: readonly string[];
  /** After everybody else's last rule. */
  readonly bottom: readonly string[];
  /** Right before a rule that stays. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** Right after a rule that stays. */
  readonly after: ReadonlyMap<string, readonly string[]>;
  /** The order of each rule: its own, or that of the rule at the end of its anchors. */
  readonly orders: ReadonlyMap<string, number | undefined>;
}

/** Arranges rules of different names. */
export function arrange(markers: readonly Marker[]): Arrangement {
  const byName = new Map(markers.map((marker) => [marker.name, marker]));
  const orders = new Map<string, number | undefined>();
  const roots: Marker[] = [];
  const children = new Map<string, string[]>();
  for (const marker of [...byName.values()].sort((a, b) => compare(a.name, b.name))) {
    const anchor = anchorOf(marker, byName);
    if (anchor === undefined) roots.push(marker);
    else children.set(key(anchor), [...(children.get(key(anchor)) ?? []), marker.name]);
  }

  const around = (side: "before" | "after", of: string, order: number | undefined): string[] =>
    (children.get(key({ side, of })) ?? []).flatMap((name) => withThoseAround(name, order));
  const withThoseAround = (name: string, order: number | undefined): string[] => {
    orders.set(name, order);
    return [...around("before", name, order), name, ...around("after", name, order)];
  };

  const fixed = roots.filter(stays);
  for (const { name } of fixed) orders.set(name, undefined);
  const aroundFixed = (side: "before" | "after") =>
    new Map(fixed.map(({ name }) => [name, around(side, name, undefined)]));
  const ordered = roots
    .filter((root) => !stays(root))
    .map(({ name, order = 0 }) => ({ name, order }))
    .sort((a, b) => a.order - b.order || compare(a.name, b.name));
  const all = (some: typeof ordered) => some.flatMap(({ name, order }) => withThoseAround(name, order));
  return {
    top: all(ordered.filter(({ order }) => order < 0)),
    bottom: all(ordered.filter(({ order }) => order >= 0)),
    before: aroundFixed("before"),
    after: aroundFixed("after"),
    orders,
  };
}

/** Whether a rule stays where it is. */
export function stays({ order, anchor }: Marker): boolean {
  return order === undefined && anchor === undefined;
}

/** The names of a circle that an anchor would close, beginning with the rule's own; undefined when it closes none. */
export function circle(marker: Marker, others: readonly Marker[]): string[] | undefined {
  const byName = new Map([...others, marker].map((one) => [one.name, one]));
  const path = pathFrom(marker, byName);
  return path.at(-1) === marker.name && path.length > 1 ? path : undefined;
}

/** The anchor that counts: one that is there, and not the one that is cut because anchors go round in a circle. */
function anchorOf(marker: Marker, byName: ReadonlyMap<string, Marker>): Anchor | undefined {
  if (marker.anchor === undefined || !byName.has(marker.anchor.of)) return undefined;
  const path = pathFrom(marker, byName);
  const inCircle = path.at(-1) === marker.name;
  const first = [...path].sort(compare)[0];
  return inCircle && first === marker.name ? undefined : marker.anchor;
}

/** The names from anchor to anchor, until the end or until one comes again. */
function pathFrom(marker: Marker, byName: ReadonlyMap<string, Marker>): string[] {
  const path = [marker.name];
  for (let next = marker.anchor; next !== undefined && byName.has(next.of); next = byName.get(next.of)?.anchor) {
    path.push(next.of);
    if (path.indexOf(next.of) < path.length - 1) break;
  }
  return path;
}

function key({ side, of }: Anchor): string {
  return `${side} ${of}`;
}

/** The order of code units: the same whatever the language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
