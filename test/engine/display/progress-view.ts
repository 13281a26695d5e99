import { diffObjects } from "../diff";
import type { EngineEvent, StepOp, StepView } from "../events";
import { isStack, makeUrn, nameOf, STACK_TYPE, typeOf } from "../urn";
import { stepOutputs, translate } from "./details";
import { isShown, summary, type View, type ViewContext, withRetain } from "./display";
import { PREFIX, VERBS } from "./ops";
import { isInternal } from "./properties";

type Diagnostic = EngineEvent & { kind: "diagnostic" };

/** What is known of one resource. */
interface Row {
  step: StepView;
  /** The operations whose end has been reported. */
  ended: { op: StepOp; step: StepView }[];
  failed: boolean;
  hidden: boolean;
  diagnostics: Diagnostic[];
  from?: number;
  to?: number;
}

/** Shows each step as a line when it begins and another one when it ends, and messages and outputs at the end. */
export class ProgressView implements View {
  private readonly rows = new Map<string, Row>();
  /** The URN of the stack; empty until something is heard of it. */
  private stackUrn = "";
  private over = false;
  private summaryEvent: (EngineEvent & { kind: "summary" }) | undefined;

  constructor(private readonly context: ViewContext) {}

  show(event: EngineEvent): void {
    if (event.kind === "summary") {
      this.summaryEvent = event;
      return;
    }
    if (event.kind === "diagnostic") {
      if (event.severity === "debug") return;
      const row = this.rowOf(event.urn || this.stackUrn, undefined);
      row.hidden = false;
      row.diagnostics.push(event);
      this.print(row);
      return;
    }
    const { step } = event;
    if (step.op === "discard" || step.op === "read-replacement") return;
    if (step.op === "read") {
      const message = `read ${typeOf(step.urn)} ${nameOf(step.urn)}`;
      if (event.kind === "pre") {
        this.show({ kind: "diagnostic", urn: "", severity: "info", message, stream: 0, ephemeral: true });
      }
      return;
    }
    const isKnownStack = step.urn === this.stackUrn;
    const row = this.rowOf(step.urn, step);
    if (isShown(step) || isKnownStack) row.hidden = false;
    if (event.kind === "pre") {
      row.from = Date.now();
      row.to = undefined;
      row.step = step;
    } else if (event.kind === "outputs") {
      const refresh = row.step.op === "refresh";
      row.to = Date.now();
      row.step = step;
      row.ended.push({ op: step.op, step });
      if (!refresh && (this.context.preview || !step.res.custom || step.op === "same")) return;
    } else row.failed = true;
    this.print(row);
  }

  finish(): void {
    const open = [...this.rows.values()].filter((row) => !this.isDone(row));
    this.over = true;
    for (const row of open) this.print(row);
    this.printDiagnostics();
    this.printOutputs();
    if (this.summaryEvent === undefined) return;
    const errors = [...this.rows.values()].filter((row) => count(row, "error") > 0).length;
    this.context.print(`${summary(this.summaryEvent, errors, this.context)}\n`);
  }

  private rowOf(urn: string, step: StepView | undefined): Row {
    const known = this.rows.get(urn);
    if (known === undefined) {
      if (isStack(urn)) {
        this.stackUrn = urn;
        const early = this.rows.get("");
        if (early !== undefined) {
          this.rows.delete("");
          if (step) early.step = step;
          this.rows.set(urn, early);
          return early;
        }
      }
      this.rows.set(urn, newRow(urn, step, true));
    }
    // The parent comes first where it is heard of last, as in a destroy.
    const parent = step?.res.parent;
    if (parent && parent !== this.stackUrn && !this.rows.has(parent)) {
      this.rows.set(parent, newRow(parent, undefined, true));
    }
    if (!this.rows.has(this.stackUrn)) this.rows.set(this.stackUrn, newRow("", undefined, false));
    return this.rows.get(urn) as Row;
  }

  private isDone(row: Row): boolean {
    if (row.failed || this.over) return true;
    // The stack runs until everything else is over.
    if (isStack(row.step.urn)) return false;
    return row.ended.some(({ op }) => op === row.step.op);
  }

  private print(row: Row): void {
    if (row.hidden) return;
    const { paint } = this.context;
    const prefix = paint.op(row.step.op, PREFIX[row.step.op]);
    const columns = [prefix, ...this.names(row), this.status(row), this.info(row)];
    this.context.print(` ${columns.join(" ")}\n`);
  }

  private names(row: Row): [string, string] {
    const { stack, project } = this.context;
    const urn = row.step.urn || makeUrn(stack, project, "", STACK_TYPE, `${project}-${stack}`);
    return [typeOf(urn), nameOf(urn)];
  }

  private status(row: Row): string {
    const { step } = row;
    const { preview, paint } = this.context;
    const verbs = VERBS[step.op];
    const failed = row.failed || count(row, "error") > 0;
    let text: string;
    if (!failed && this.over && step.res.custom && step.op !== "same" && !row.ended.some(({ op }) => op === step.op)) {
      text = `${verbs.doing} (interrupted)`;
    } else if (!this.isDone(row)) {
      if (isStack(step.urn || this.stackUrn) && step.op === "same") text = "running";
      else text = preview ? verbs.planned : this.elapsed(row, verbs.doing, Date.now());
    } else if (preview) text = /replace/.test(step.op) ? "replace" : verbs.planned.replace("refreshing", "refresh");
    else {
      const verb = this.elapsed(row, failed ? verbs.failed : verbs.done, row.to);
      text = failed ? paint.severity("error", `**${verb}**`) : verb;
    }
    return paint.op(step.op, withRetain(text, step));
  }

  private elapsed(row: Row, verb: string, until: number | undefined): string {
    if (row.step.op === "same" || row.from === undefined || until === undefined) return verb;
    const seconds = (until - row.from) / 1000;
    return `${verb} (${row.to !== undefined && seconds < 1 ? seconds.toFixed(2) : Math.floor(seconds)}s)`;
  }

  private info(row: Row): string {
    const parts: string[] = [];
    const changes = this.changes(row);
    if (changes !== "") parts.push(`[${changes}]`);
    if (this.over) {
      for (const [severity, noun] of [
        ["error", "error"],
        ["warning", "warning"],
        ["info", "message"],
      ] as const) {
        const n = count(row, severity);
        if (n > 0) parts.push(`${n} ${this.context.paint.severity(severity, n === 1 ? noun : `${noun}s`)}`);
      }
    } else {
      const last = row.diagnostics.at(-1);
      if (last !== undefined) parts.push(this.message(last).trimEnd());
    }
    return parts.join("; ").split("\n")[0] ?? "";
  }

  /** The names of the properties that change: `diff: +a-b~c`. */
  private changes(row: Row): string {
    const replace = row.ended.find(({ op }) => op === "replace")?.step;
    const step = /^create-replacement|^delete-replaced/.test(row.step.op) ? (replace ?? row.step) : row.step;
    const { old, now } = step;
    if (old === undefined || now === undefined) return "";
    const none = step.op === "same";
    const diff = none
      ? undefined
      : step.detailed
        ? translate(step.detailed, step, false)
        : diffObjects(old.inputs, now.inputs, isInternal);
    const updates = new Set(diff?.updates.keys());
    if ((old.provider ?? "") !== (now.provider ?? "")) updates.add("provider");
    if (Boolean(old.protect) !== Boolean(now.protect)) updates.add("protect");
    if (diff === undefined && updates.size === 0) return "";
    const included = (keys: Iterable<string>) =>
      [...keys].filter((key) => step.diffs.length === 0 || step.diffs.includes(key)).sort();
    const list = (sign: string, keys: string[]) => (keys.length > 0 ? `${sign}${keys.join(",")}` : "");
    const added = list("+", included(diff?.adds.keys() ?? []));
    return `diff: ${added}${list("-", included(diff?.deletes.keys() ?? []))}${list("~", included(updates))}`;
  }

  private message({ severity, message }: Diagnostic): string {
    return severity === "info" ? message : `${this.context.paint.severity(severity, `${severity}:`)} ${message}`;
  }

  private printDiagnostics(): void {
    const { print, paint } = this.context;
    let headline = false;
    for (const row of this.rows.values()) {
      const streams = new Map<number, Diagnostic[]>();
      for (const diagnostic of row.diagnostics) {
        if (diagnostic.ephemeral) continue;
        streams.set(diagnostic.stream, [...(streams.get(diagnostic.stream) ?? []), diagnostic]);
      }
      const [type, name] = this.names(row);
      let header = `  ${type} (${name}):\n`;
      for (const [stream, diagnostics] of streams) {
        const texts = diagnostics.map((diagnostic) => this.message(diagnostic));
        const blocks = stream === 0 ? texts : [texts.join("")];
        const text = blocks.map((block) => `${block.trimEnd().replace(/^/gm, "    ")}\n`).join("");
        if (!headline) print(`${paint.headline("Diagnostics:")}\n`);
        headline = true;
        print(`${header}${text}\n`);
        header = "";
      }
    }
  }

  private printOutputs(): void {
    const row = this.stackUrn === "" ? undefined : this.rows.get(this.stackUrn);
    if (row === undefined) return;
    const { preview, paint, print } = this.context;
    const text = stepOutputs(row.step, 1, preview, false, paint);
    if (text !== "") print(`${paint.headline("Outputs:")}\n${text}\n`);
  }
}

function newRow(urn: string, step: StepView | undefined, hidden: boolean): Row {
  const res = { urn, type: urn === "" ? "" : typeOf(urn), custom: false, inputs: {}, outputs: {} };
  const unknown: StepView = { op: "same", urn, type: res.type, provider: "", res, diffs: [], logical: true };
  return { step: step ?? unknown, ended: [], failed: false, hidden, diagnostics: [] };
}

function count(row: Row, severity: string): number {
  return row.diagnostics.filter((d) => d.severity === severity && !d.ephemeral).length;
}
