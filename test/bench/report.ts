/** What was measured, as a Markdown table and as a verdict on the limits. Pure. */

import type { EngineKind } from "../support/workspace";
import type { Step } from "./steps";

/** Seconds of one step, one number per run. */
export interface Timings {
  readonly step: Step;
  readonly ours: readonly number[];
  readonly noOp: readonly number[];
  /** Empty where the step sends nothing. */
  readonly plain: readonly number[];
}

/** Bytes of state per resource, one number per run. */
export interface Bytes {
  readonly ours: readonly number[];
  readonly noOp: readonly number[];
}

/** The middle one of some numbers; between two, halfway. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("there is no median of nothing");
  return (low + high) / 2;
}

/** The table. `plain` is the title of the last column. */
export function table(count: number, timings: readonly Timings[], bytes: Bytes, plain: string): string {
  const rows = timings.map(({ step, ours, noOp, plain: client }) => {
    const cells = [median(ours), median(noOp)];
    const last = client.length === 0 ? "—" : seconds(median(client));
    return [step.title(count), ...cells.map(seconds), ratio(median(ours) / median(noOp)), last];
  });
  const [own, other] = [median(bytes.ours), median(bytes.noOp)];
  const state = ["state, bytes per resource", ...[own, other].map(wholeBytes), ratio(own / other), "—"];
  return markdown(["step", "ours", "no-op", "ratio", plain], [...rows, state]);
}

/** A Markdown table. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** One line that says of each limit whether it holds. The ratios are limits on the real CLI alone. */
export function verdict(count: number, engine: EngineKind, timings: readonly Timings[]): string {
  const parts = timings.flatMap(({ step, ours, noOp, plain }) => {
    const [own, other] = [median(ours), median(noOp)];
    const title = step.title(count);
    const ofRatio = `${title} at most ${step.limit.toFixed(2)} times: ${holds(own / other <= step.limit)} (${(own / other).toFixed(3)})`;
    const ratios = engine === "cli" ? [ofRatio] : [];
    if (plain.length === 0) return ratios;
    const [more, least] = [own - other, median(plain)];
    const difference = `${seconds(more)} against ${seconds(least)}`;
    return [
      ...ratios,
      `${title}, ours minus no-op at most the plain client's: ${holds(more <= least)} (${difference})`,
    ];
  });
  const without = engine === "cli" ? "" : " The limits on ratios are for the Pulumi CLI.";
  return `Limits: ${parts.join("; ")}.${without}`;
}

function holds(is: boolean): string {
  return is ? "holds" : "DOES NOT HOLD";
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function ratio(value: number): string {
  return value.toFixed(2);
}

function wholeBytes(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
