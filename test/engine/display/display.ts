import type { EngineEvent, StepOp, StepView } from "../events";
import { DiffView } from "./diff-view";
import { Paint, PREFIX } from "./ops";
import { ProgressView } from "./progress-view";

/** What is being done to the stack. */
export type OperationKind = "preview" | "update" | "refresh" | "destroy";

/** What is shown, and how. */
export interface DisplayOptions {
  kind: OperationKind;
  stack: string;
  project: string;
  diff?: boolean;
  showFullOutput?: boolean;
  color?: boolean;
  onLine?: (line: string) => void;
}

/** What a view needs to print. */
export interface ViewContext {
  kind: OperationKind;
  preview: boolean;
  stack: string;
  project: string;
  paint: Paint;
  print(text: string): void;
}

/** Shows the events of one operation as text. */
export interface View {
  show(event: EngineEvent): void;
  /** Prints what comes last. */
  finish(): void;
}

const HEADERS: Record<OperationKind, string> = {
  preview: "Previewing update",
  update: "Updating",
  refresh: "Refreshing",
  destroy: "Destroying",
};

/** Prints an operation the way the Pulumi CLI does when its output is not a terminal. */
export class Display {
  private output = "";
  private rest = "";
  private readonly view: View;

  constructor(private readonly options: DisplayOptions) {
    const { kind, stack, project } = options;
    const paint = new Paint(options.color ?? false, options.showFullOutput || kind === "refresh");
    const print = (text: string) => this.print(text);
    const context: ViewContext = { kind, preview: kind === "preview", stack, project, paint, print };
    this.print(`${paint.headline(`${HEADERS[kind]} (${stack}):`)}\n`);
    this.view = options.diff ? new DiffView(context) : new ProgressView(context);
  }

  /** Shows one event. */
  show(event: EngineEvent): void {
    if (!("internal" in event && event.internal)) this.view.show(event);
  }

  /** Prints what comes last, and returns everything that was printed. */
  finish(): string {
    this.view.finish();
    if (this.rest !== "") this.print("\n");
    return this.output;
  }

  private print(text: string): void {
    this.output += text;
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.options.onLine?.(line);
  }
}

/** Whether a step is shown at all: what stays the same is not, unless its protection changes. */
export function isShown(step: StepView): boolean {
  return step.op !== "same" || Boolean(step.old?.protect) !== Boolean(step.now?.protect);
}

/** `[retain]` after a status says that something is forgotten, not deleted. */
export function withRetain(status: string, step: StepView): string {
  const drops = ["delete", "replace", "create-replacement", "delete-replaced"].includes(step.op);
  return step.old?.retainOnDelete && drops ? `${status}[retain]` : status;
}

/** The order in which kinds of steps are counted. */
const COUNTED: StepOp[] = [
  "create",
  "update",
  "delete",
  "replace",
  "create-replacement",
  "delete-replaced",
  "refresh",
  "discard-replaced",
  "remove-pending-replace",
];

/** "Resources:", the number of steps of each kind, and how long it took. */
export function summary(
  { changes, seconds }: EngineEvent & { kind: "summary" },
  errors: number,
  { preview, paint }: Pick<ViewContext, "preview" | "paint">,
): string {
  const kinds = COUNTED.filter((op) => (changes[op] ?? 0) > 0);
  const lines = kinds.map((op) => {
    const verb = preview ? `to ${op}` : `${op.replace(/-replaced$/, "")}${op.endsWith("e") ? "d" : "ed"}`;
    return `    ${paint.op(op, `${PREFIX[op]}${changes[op]} ${verb}`)}\n`;
  });
  const pieces: string[] = [];
  const total = kinds.reduce((sum, op) => sum + (changes[op] ?? 0), 0);
  if (kinds.length >= 2) pieces.push(paint.headline(`${total} ${total === 1 ? "change" : "changes"}`));
  if (changes.same) pieces.push(`${changes.same} unchanged`);
  if (pieces.length > 0) lines.push(`    ${pieces.join(". ")}\n`);
  if (errors > 0) lines.push(`    ${paint.severity("error", `${errors} errored`)}\n`);
  const duration = preview ? "" : `\n${paint.headline("Duration:")} ${formatDuration(Math.ceil(seconds))}\n`;
  return `${paint.headline("Resources:")}\n${lines.join("")}${duration}`;
}

function formatDuration(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
