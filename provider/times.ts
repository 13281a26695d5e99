/** Points in time and spans of time, as attributes have them. */

import type { Json, ValueType } from "./values";

const POINT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?:\s*(Z|UTC|[-+]\d\d(?::?\d\d)?))?)?$/i;

/**
 * A point in time: ISO 8601, compared as a time; without a zone it is UTC. `infinity` is the same as no limit.
 */
export const pointInTime: ValueType = {
  expects: 'a time such as "2030-01-31T12:00:00Z" (without a zone: UTC), "infinity" or "-infinity"',
  accepts: (value) => typeof value === "string" && (/^-?infinity$/.test(value) || utc(value) !== undefined),
  normalise: (value) => (value === "infinity" ? null : (utc(value as string) ?? value)),
  brief: (value) =>
    (value as string).replace(/\.(\d*?)0*Z$/, (_, digits: string) => (digits === "" ? "Z" : `.${digits}Z`)),
};

/** A time in UTC with microseconds, as `2030-01-31T12:00:00.000000Z`. */
function utc(text: string): string | undefined {
  const match = POINT.exec(text.trim());
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    match;
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const local = new Date(`${wall}Z`);
  // A day that the month has not, or hour 24, would silently become another day.
  if (Number.isNaN(local.getTime()) || local.toISOString().slice(0, 19) !== wall) return undefined;
  const time = new Date(local.getTime() - offsetOf(zone) * 60_000).toISOString();
  return /^\d{4}-/.test(time) ? `${time.slice(0, 19)}.${fraction.padEnd(6, "0")}Z` : undefined;
}

/** Minutes east of Greenwich. */
function offsetOf(zone: string): number {
  const match = /^([-+])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === "-" ? -minutes : minutes;
}

const SPAN_UNITS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
};

/** Reads a span as Pulumi writes it (`5m`, `1h30m`, `1.5s`), in milliseconds. Undefined for what is none. */
export function spanInMilliseconds(text: string): number | undefined {
  if (!/^([\d.]+(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)];
  const total = parts.reduce(
    (sum, [, number, unit = ""]) => sum + Number(number) * (SPAN_UNITS[unit] ?? Number.NaN),
    0,
  );
  return Number.isFinite(total) ? total : undefined;
}

/** The operations that a resource's `customTimeouts` may bound. */
export type Timeouts = { create?: string; update?: string; delete?: string };

/** Pulumi's `customTimeouts`: how long create, update and delete may take. */
export const timeouts: ValueType = {
  expects: 'times for create, update and delete, such as "5m" or "1h30m"',
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value as object).every(
      ([operation, span]) =>
        ["create", "update", "delete"].includes(operation) &&
        typeof span === "string" &&
        spanInMilliseconds(span) !== undefined,
    ),
  normalise: (value): Json => value,
};
