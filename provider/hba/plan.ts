/** What a change of managed rules does to the file. Pure: documents in, documents out. */

import { isDeepStrictEqual } from "node:util";
import type { CheckFailure } from "../definition";
import { AlreadyExistsError, InvalidValueError, NotFoundError } from "../errors";
import { quoted } from "../sql";
import { circle } from "./arrange";
import type { Bytes } from "./bytes";
import { checkRule, checkVersion } from "./check";
import { HbaDocument, type Line } from "./document";
import { commentText, type Marker, markerOf, placeOf, renderComment, renderMarker, withoutMarker } from "./marker";
import { meaningOf } from "./meaning";
import { renderRule } from "./rule";
import { misplaced, settle } from "./settle";
import type { HbaRule, ManagedHbaRule, ObservedHbaRule } from "./types";

/** The managed rules of a document, in the order of the file. */
export function observeRules(document: HbaDocument): ObservedHbaRule[] {
  const moved = misplaced(document);
  const seen = new Set<string>();
  return document.lines.flatMap((line) => {
    const { marker } = line;
    if (marker === undefined || seen.has(marker.name)) return [];
    seen.add(marker.name);
    const { name } = marker;
    return [{ name, rule: ruleOf(line), place: placeOf(marker), inPlace: !moved.has(name), line: line.line }];
  });
}

/**
 * Adds a rule. With `adopt`, takes over the rule of its name, or else the first line of somebody else that means the
 * same; where nothing differs, only the marker is appended, and without a place the line stays where it is.
 *
 * @throws InvalidValueError for a rule that this version of the server does not read
 * @throws AlreadyExistsError when there is a rule of its name and `adopt` is not set
 */
export function createRule(document: HbaDocument, rule: ManagedHbaRule, adopt: boolean): void {
  refuse(rule, document.major);
  const there = document.find(rule.name) >= 0;
  if (there && !adopt) throw alreadyThere(rule.name);
  const found = adopt && !there ? sameMeaning(document, rule) : -1;
  if (there) alterRule(document, rule.name, rule);
  else if (found >= 0) change(document, found, rule, markerOf(rule.name, rule));
  else add(document, rule);
}

/**
 * Makes a rule what it is to be, under a new name perhaps. Without a place, it keeps the one that it has. Nothing
 * changes when it is so already.
 *
 * @throws NotFoundError when there is no rule of the name
 * @throws AlreadyExistsError when there is one of the new name
 */
export function alterRule(document: HbaDocument, name: string, rule: ManagedHbaRule): void {
  const index = document.find(name);
  if (index < 0) throw new NotFoundError("does not exist", { object: called(name) });
  refuse(rule, document.major);
  if (rule.name !== name && document.find(rule.name) >= 0) throw alreadyThere(rule.name);
  const placed = [rule.order, rule.before, rule.after].some((value) => (value ?? null) !== null);
  const before = document.lines[index]?.marker as Marker;
  if (rule.name !== name) renameAnchors(document, name, rule.name);
  change(document, index, rule, placed ? markerOf(rule.name, rule) : { ...before, name: rule.name });
}

/** Takes a rule out of the file, or only its marker. Returns whether there was one. */
export function dropRule(document: HbaDocument, name: string, release: boolean): boolean {
  const index = document.find(name);
  if (index < 0) return false;
  if (release) document.rewrite(index, withoutMarker(document.body(index)));
  else document.remove(index);
  for (let copy = document.find(name); copy >= 0; copy = document.find(name)) document.remove(copy);
  settle(document);
  return true;
}

/** What the rule of a name says; undefined when there is none that the server can read. */
export function ruleCalled(document: HbaDocument, name: string): HbaRule | undefined {
  const line = document.lines[document.find(name)];
  return line === undefined ? undefined : ruleOf(line);
}

/** The line of somebody else that {@link createRule} would adopt for a rule; undefined when there is none. */
export function adoptableFor(document: HbaDocument, rule: HbaRule): HbaRule | undefined {
  const line = document.lines[sameMeaning(document, rule)];
  return line === undefined ? undefined : ruleOf(line);
}

/** How a rule is called in messages. */
export function called(name: string): string {
  return `HBA rule ${quoted(name)}`;
}

/** The failures of a check as an error. */
export function refusal(failures: readonly CheckFailure[], name: string): InvalidValueError {
  return new InvalidValueError(failures.map(({ property, reason }) => `${property} ${reason}`).join("; "), {
    object: called(name),
  });
}

function refuse(rule: ManagedHbaRule, major: number): void {
  const failures = checkRule({ ...rule });
  const all = failures.length > 0 ? failures : checkVersion(rule, major);
  if (all.length > 0) throw refusal(all, rule.name);
}

/** Brings one line to a rule and a marker, as little as possible of it. */
function change(document: HbaDocument, index: number, rule: ManagedHbaRule, marker: Marker): void {
  const line = document.lines[index] as Line;
  refuseCircle(document, marker, line.marker?.name);
  const now = ruleOf(line);
  const comment = rule.comment === undefined ? commentText(line.comment) : rule.comment;
  const same =
    now !== undefined && meaningOf(now) === meaningOf(rule) && renderComment(now.comment) === renderComment(comment);
  const text = same
    ? withoutMarker(document.body(index)) + renderMarker(marker)
    : lineOf({ ...rule, comment }, marker, document.major);
  if (same && line.marker && sameMarker(line.marker, marker) && !misplaced(document).has(marker.name)) return;
  document.rewrite(index, text);
  settle(document);
}

/** An anchor's fallback order is not asked for by anybody. */
function sameMarker(now: Marker, wanted: Marker): boolean {
  const order = wanted.anchor === undefined ? wanted.order : now.order;
  return isDeepStrictEqual({ ...now }, { ...wanted, ...(order === undefined ? {} : { order }) });
}

/** Rules that stand beside one that is renamed go on standing beside it. */
function renameAnchors(document: HbaDocument, before: string, after: string): void {
  for (const [index, { marker }] of document.lines.entries()) {
    if (marker?.anchor?.of !== before) continue;
    const renamed = renderMarker({ ...marker, anchor: { ...marker.anchor, of: after } });
    document.rewrite(index, withoutMarker(document.body(index)) + renamed);
  }
}

function ruleOf({ meaning, comment }: Line): HbaRule | undefined {
  if (meaning.kind !== "rule") return undefined;
  const words = commentText(comment);
  return words === undefined ? meaning.rule : { ...meaning.rule, comment: words };
}

function lineOf(rule: HbaRule, marker: Marker, major: number): Bytes {
  return renderRule(rule, major) + renderComment(rule.comment) + renderMarker(marker);
}

function add(document: HbaDocument, rule: ManagedHbaRule): void {
  const marker = markerOf(rule.name, { ...rule, order: rule.order ?? (rule.before || rule.after ? null : 0) });
  refuseCircle(document, marker);
  settle(document, [{ marker, text: lineOf(rule, marker, document.major) }]);
}

/** The first line of somebody else that means the same, and still does with a marker behind it; -1 for none. */
function sameMeaning(document: HbaDocument, rule: HbaRule): number {
  const meaning = meaningOf(rule);
  return document.lines.findIndex(
    (line, index) => line.marker === undefined && meaningOfLine(line) === meaning && canBeMarked(document, index),
  );
}

/**
 * Whether a line still means the same with a marker behind it, and nothing but that line is marked. One that is to be
 * continued where the file ends would not be so any more, and not be the same after a release.
 */
export function canBeMarked(document: HbaDocument, index: number): boolean {
  if (document.body(index).endsWith("\\")) return false;
  const marked = new HbaDocument(document.body(index) + renderMarker({ name: "x" }), document.major).lines;
  const [only, ...more] = marked;
  const meaning = meaningOfLine(document.lines[index] as Line);
  return more.length === 0 && only?.marker !== undefined && meaningOfLine(only) === meaning;
}

function meaningOfLine({ meaning }: Line): string | undefined {
  return meaning.kind === "rule" ? meaningOf(meaning.rule) : undefined;
}

function refuseCircle(document: HbaDocument, marker: Marker, instead?: string): void {
  const others = document.lines.flatMap((line) =>
    line.marker === undefined || line.marker.name === instead ? [] : [line.marker],
  );
  const names = circle(marker, others);
  if (names === undefined) return;
  throw new InvalidValueError(`its place depends on itself: ${names.map(quoted).join(", ")}`, {
    object: called(marker.name),
    remedy: "Give one of these rules an order",
  });
}

function alreadyThere(name: string): AlreadyExistsError {
  return new AlreadyExistsError("it exists already", {
    object: called(name),
    remedy: "Set adopt: true to take it over as it is and change only what differs",
  });
}
