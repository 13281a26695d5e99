/** Brings the managed rules of a document to their places. Rules of others, and those that stay, never move. */

import { type Arrangement, arrange, stays } from "./arrange";
import type { Bytes } from "./bytes";
import type { HbaDocument, Line } from "./document";
import { type Marker, renderMarker, withoutMarker } from "./marker";

/** A managed rule that is to come into a document. */
export interface Addition {
  readonly marker: Marker;
  /** Its whole line, with the marker. */
  readonly text: Bytes;
}

/** Moves what is not at its place, and puts what is added at its own. Lines at their places are not touched. */
export function settle(document: HbaDocument, added: readonly Addition[] = []): void {
  removeRepetitions(document);
  const markers = [...document.lines.flatMap(({ marker }) => marker ?? []), ...added.map(({ marker }) => marker)];
  const arrangement = arrange(markers);
  const gaps = wantedGaps(document, arrangement);
  const kept = inPlace(document, gaps);
  const texts = new Map(added.map(({ marker, text }) => [marker.name, text]));
  for (let index = document.lines.length - 1; index >= 0; index--) {
    const { marker } = document.lines[index] as Line;
    if (marker === undefined || stays(marker) || kept.has(marker.name)) continue;
    texts.set(marker.name, document.body(index));
    document.remove(index);
  }
  for (const [gap, names] of gaps.entries()) {
    for (const name of names) {
      const text = texts.get(name);
      if (text !== undefined) document.insert(placeFor(document, arrangement, gap, names, name), text);
    }
  }
  updateOrders(document, arrangement);
}

/** The names of managed rules that do not stand where they are to stand, or stand there more than once. */
export function misplaced(document: HbaDocument): Set<string> {
  const markers = document.lines.flatMap(({ marker }) => marker ?? []);
  const arrangement = arrange(markers);
  const kept = inPlace(document, wantedGaps(document, arrangement));
  const [seen, wrong] = [new Set<string>(), new Set<string>()];
  for (const { name } of markers) {
    if ((!kept.has(name) && !arrangement.before.has(name)) || seen.has(name)) wrong.add(name);
    seen.add(name);
  }
  return wrong;
}

/** The indexes of the lines between which managed rules stand: every rule, directive or error that is not moved. */
function fixedLines(document: HbaDocument): number[] {
  return document.lines.flatMap((line, index) => (isFixed(line) ? [index] : []));
}

function isFixed({ meaning, marker }: Line): boolean {
  return meaning.kind !== "nothing" && (marker === undefined || stays(marker));
}

/** For the gap before each fixed line, and the one after the last, the names that belong there in their order. */
function wantedGaps(document: HbaDocument, { top, bottom, before, after }: Arrangement): string[][] {
  const fixed = fixedLines(document).map((index) => document.lines[index]?.marker?.name ?? "");
  return [...fixed, ""].map((name, gap) => [
    ...(after.get(fixed[gap - 1] ?? "") ?? []),
    ...(gap === 0 ? top : []),
    ...(gap === fixed.length ? bottom : []),
    ...(before.get(name) ?? []),
  ]);
}

/** The most names that can stay where they are while the others move. */
function inPlace(document: HbaDocument, gaps: readonly (readonly string[])[]): Set<string> {
  const wanted = new Map(gaps.flatMap((names, gap) => names.map((name, position) => [name, { gap, position }])));
  const present = gaps.map((): number[] => []);
  let gap = 0;
  for (const line of document.lines) {
    if (isFixed(line)) gap++;
    const place = wanted.get(line.marker?.name ?? "");
    if (place?.gap === gap) present[gap]?.push(place.position);
  }
  return new Set(
    present.flatMap((positions, gap) => longestIncrease(positions).map((position) => gaps[gap]?.[position] as string)),
  );
}

/** The longest of the rows that are left of a list of numbers when others are crossed out until the rest increases. */
function longestIncrease(numbers: readonly number[]): number[] {
  interface Row {
    readonly last: number;
    readonly before: Row | undefined;
  }
  const best: Row[] = []; // of the rows of each length, the one with the least end
  for (const last of numbers) {
    let [low, high] = [0, best.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((best[middle] as Row).last < last) low = middle + 1;
      else high = middle;
    }
    best[low] = { last, before: best[low - 1] };
  }
  const longest: number[] = [];
  for (let row = best.at(-1); row !== undefined; row = row.before) longest.unshift(row.last);
  return longest;
}

/** The index to insert a rule at: by its neighbours in the gap, or where the gap is best entered. */
function placeFor(
  document: HbaDocument,
  { after, before }: Arrangement,
  gap: number,
  names: readonly string[],
  name: string,
): number {
  const position = names.indexOf(name);
  if (position > 0) return document.find(names[position - 1] as string) + 1;
  const next = names.find((other) => document.find(other) >= 0);
  if (next !== undefined) return document.find(next);
  const fixed = fixedLines(document);
  const nameAt = (index: number | undefined) => document.lines[index ?? -1]?.marker?.name ?? "";
  const previous = fixed[gap - 1];
  if (previous !== undefined && after.get(nameAt(previous))?.includes(name)) return previous + 1;
  const following = fixed[gap];
  if (following === undefined) return document.lines.length;
  if (before.get(nameAt(following))?.includes(name)) return following;
  return beforeComments(document, following);
}

/** Comments right above a rule belong to it: nothing comes between. */
function beforeComments({ lines }: HbaDocument, index: number): number {
  let start = index;
  while (start > 0 && lines[start - 1]?.meaning.kind === "nothing" && lines[start - 1]?.comment !== "") start--;
  return start;
}

/** Somebody copied a managed rule: the first one counts. */
function removeRepetitions(document: HbaDocument): void {
  const first = new Map<string, number>();
  for (const [index, { marker }] of document.lines.entries()) {
    if (marker !== undefined && !first.has(marker.name)) first.set(marker.name, index);
  }
  for (let index = document.lines.length - 1; index >= 0; index--) {
    const name = document.lines[index]?.marker?.name;
    if (name !== undefined && first.get(name) !== index) document.remove(index);
  }
}

/** A rule with an anchor keeps the order that it has by it, for the day when the other rule is gone. */
function updateOrders(document: HbaDocument, { orders }: Arrangement): void {
  for (const [index, { marker }] of document.lines.entries()) {
    if (marker?.anchor === undefined || marker.order === orders.get(marker.name)) continue;
    const { order: _, ...rest } = marker;
    const order = orders.get(marker.name);
    document.rewrite(
      index,
      withoutMarker(document.body(index)) + renderMarker(order === undefined ? rest : { ...rest, order }),
    );
  }
}
