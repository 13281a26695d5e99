import type { EngineEvent, StepOp, StepView } from "../events";
import { isDefaultProvider, isStack, parseProvider } from "../urn";
import { UNKNOWN_TEXT } from "../values";
import { stepDetails, stepOutputs } from "./details";
import { isShown, summary, type View, type ViewContext, withRetain } from "./display";
import { isReplacement, PREFIX } from "./ops";

/** Shows each step with the properties that change, as `--diff` does. */
export class DiffView implements View {
  private readonly seen = new Map<string, StepView>();
  private errors = 0;

  constructor(private readonly context: ViewContext) {}

  show(event: EngineEvent): void {
    const { paint, print } = this.context;
    if (event.kind === "pre") {
      this.seen.set(event.step.urn, event.step);
      if (event.step.op !== "refresh" && this.isShown(event.step)) print(this.step(event.step, false));
    } else if (event.kind === "outputs") this.outputs(event.step);
    else if (event.kind === "failed") this.errors++;
    else if (event.kind === "summary") print(summary(event, this.errors, this.context));
    else if (event.severity !== "debug") {
      const label = event.severity === "info" ? "" : `${paint.severity(event.severity, `${event.severity}:`)} `;
      print(`${label}${event.message}\n`);
    }
  }

  finish(): void {}

  private isShown(step: StepView): boolean {
    return isStack(step.urn) || (isShown(step) && (step.logical || !isReplacement(step.op)));
  }

  private outputs(step: StepView): void {
    if (!this.isShown(step)) return;
    const { paint, print, preview } = this.context;
    const refresh = this.seen.get(step.urn)?.op === "refresh";
    if (refresh && step.op === "update") {
      print(this.step(step, true));
      return;
    }
    const indent = this.indent(step);
    const text = stepOutputs(step, indent + 1, preview, refresh, paint);
    if (refresh && (step.op !== "refresh" || text !== "" || isStack(step.urn))) print(this.header(step, indent));
    if (text !== "") print(`${paint.op(step.op, `${"    ".repeat(indent + 1)}--outputs:--`)}\n${text}`);
  }

  private step(step: StepView, refresh: boolean): string {
    const indent = this.indent(step);
    return this.header(step, indent) + stepDetails(step, indent, refresh, this.context.paint);
  }

  /** One level for each parent that was shown. */
  private indent(step: StepView): number {
    let indent = 0;
    for (let parent = this.seen.get(step.res.parent ?? ""); parent; parent = this.seen.get(parent.res.parent ?? "")) {
      if (this.isShown(parent)) indent++;
    }
    return indent;
  }

  private header(step: StepView, indent: number): string {
    const { paint } = this.context;
    const { old, now } = step;
    const pad = "    ".repeat(indent);
    const inner = `${pad}    `;
    const own: StepOp = /create$|^delete|^discard/.test(step.op) ? step.op : "same";
    const unlocked = now && !now.protect && old?.protect ? " 🔓" : "";
    const locked = unlocked === "" && (now?.protect || old?.protect) ? " 🔒" : "";
    const title = `${PREFIX[step.op]}${step.type}: (${withRetain(step.op, step)})${unlocked}${locked}`;
    const lines = [paint.op(step.op, `${pad}${title}`)];
    if (old?.id) lines.push(paint.op(own, `${inner}[id=${old.id}]`));
    lines.push(paint.op(own, `${inner}[urn=${step.urn}]`));
    if (step.provider !== "") {
      if (old && now && old.provider !== now.provider) {
        const { urn, id } = parseProvider(now.provider ?? "");
        const to = id === UNKNOWN_TEXT ? `${urn}::[unknown]` : now.provider;
        lines.push(paint.op("update", `${inner}[provider: ${old.provider} => ${to}]`));
      } else if (!isDefaultProvider(parseProvider(step.provider).urn)) {
        lines.push(paint.op(own, `${inner}[provider=${step.provider}]`));
      }
    }
    return `${lines.join("\n")}\n`;
  }
}
