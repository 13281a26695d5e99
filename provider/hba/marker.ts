/** The end of a managed rule's line: the name that it is known by, and the place that it is to have. */

import { type Bytes, bytesOf, textOf } from "./bytes";
import type { HbaPlace } from "./types";

/** What stands in the marker. A rule without order and anchor stays where it is. */
export interface Marker {
  readonly name: string;
  /** The order; beside an anchor, the order to fall back to as long as there is no rule of that name. */
  readonly order?: number;
  /** The rule to stand right before or right after. */
  readonly anchor?: Anchor;
}

/** Another rule, and the side of it. */
export interface Anchor {
  readonly side: "before" | "after";
  readonly of: string;
}

const PATTERN = / ?# pgmob name=([^\s#]+)(?: order=(-?\d+))?(?: (before|after)=([^\s#]+))?[ \t\r]*$/;

/** The marker at the end of a comment; undefined when there is none. */
export function readMarker(comment: Bytes): Marker | undefined {
  const found = PATTERN.exec(comment);
  if (found === null) return undefined;
  const [, name, order, side, of] = found;
  try {
    return {
      name: decodeURIComponent(name as string),
      ...(order === undefined ? {} : { order: Number(order) }),
      ...(side === undefined ? {} : { anchor: { side: side as Anchor["side"], of: decodeURIComponent(of as string) } }),
    };
  } catch {
    return undefined; // somebody's text that looks like one
  }
}

/** A marker as it is appended to a line. It never ends in a backslash, which would continue the line. */
export function renderMarker({ name, order, anchor }: Marker): Bytes {
  const place = `${order === undefined ? "" : ` order=${order}`}${anchor === undefined ? "" : ` ${anchor.side}=${encode(anchor.of)}`}`;
  return ` # pgmob name=${encode(name)}${place}`;
}

/** A line, or a comment, without the marker at its end: byte for byte what it was before the marker was appended. */
export function withoutMarker(line: Bytes): Bytes {
  return readMarker(line) === undefined ? line : line.replace(PATTERN, "");
}

/** The words of a comment, without its `#` and the marker; undefined when there are none. */
export function commentText(comment: Bytes): string | undefined {
  return textOf(withoutMarker(comment)).replace(/^#/, "").trim() || undefined;
}

/** A comment as it is appended to a line. */
export function renderComment(comment: string | null | undefined): Bytes {
  const text = comment?.trim() ?? "";
  return text === "" ? "" : ` # ${bytesOf(text)}`;
}

/** The place that a marker says. */
export function placeOf({ order, anchor }: Marker): HbaPlace {
  if (anchor !== undefined) return { [anchor.side]: anchor.of };
  return order === undefined ? {} : { order };
}

/** The marker of a rule with a name and a place. */
export function markerOf(name: string, { order, before, after }: HbaPlace): Marker {
  if (typeof before === "string") return { name, anchor: { side: "before", of: before } };
  if (typeof after === "string") return { name, anchor: { side: "after", of: after } };
  return typeof order === "number" ? { name, order } : { name };
}

/** As encodeURIComponent, which leaves these as they are. */
function encode(name: string): Bytes {
  return encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
