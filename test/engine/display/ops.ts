import type { StepOp } from "../events";
import { quotedBeginning } from "./text";

/** The two characters that stand for an operation. */
export const PREFIX: Record<StepOp, string> = {
  same: "  ",
  create: "+ ",
  update: "~ ",
  delete: "- ",
  replace: "+-",
  "create-replacement": "++",
  "delete-replaced": "--",
  read: "> ",
  "read-replacement": ">>",
  refresh: "~ ",
  discard: "< ",
  "discard-replaced": "<<",
  "remove-pending-replace": "~ ",
};

/** How the verbs of an operation read while it runs, when it has failed, when it is over, and in a preview. */
interface Verbs {
  doing: string;
  failed: string;
  done: string;
  planned: string;
}

const verbs = (doing: string, done: string, planned: string): Verbs => ({
  doing,
  done,
  planned,
  failed: `${doing} failed`,
});

/** The verbs of each operation. */
export const VERBS: Record<StepOp, Verbs> = {
  same: { doing: "", failed: "failed", done: "", planned: "" },
  create: verbs("creating", "created", "create"),
  update: verbs("updating", "updated", "update"),
  delete: verbs("deleting", "deleted", "delete"),
  replace: verbs("replacing", "replaced", "replace"),
  "create-replacement": {
    ...verbs("creating replacement", "created replacement", "create replacement"),
    failed: "creating failed",
  },
  "delete-replaced": {
    ...verbs("deleting original", "deleted original", "delete original"),
    failed: "deleting failed",
  },
  read: verbs("reading", "read", "read"),
  "read-replacement": {
    ...verbs("reading for replacement", "read for replacement", "read for replacement"),
    failed: "reading failed",
  },
  refresh: verbs("refreshing", "refresh", "refreshing"),
  discard: verbs("discarding", "discarded", "discard"),
  "discard-replaced": {
    ...verbs("discarding original", "discarded original", "discard original"),
    failed: "discarding failed",
  },
  "remove-pending-replace": { doing: "", failed: "", done: "", planned: "" },
};

/** Whether an operation is a part of a replacement. */
export function isReplacement(op: StepOp): boolean {
  return /replace/.test(op);
}

const GREEN = 32;
const YELLOW = 33;
const RED = 31;
const MAGENTA = 35;
const BOLD = 1;

const COLOURS: Partial<Record<StepOp, number>> = {
  create: GREEN,
  "create-replacement": GREEN,
  update: YELLOW,
  refresh: YELLOW,
  delete: RED,
  "delete-replaced": RED,
  discard: RED,
  "discard-replaced": RED,
  replace: MAGENTA,
  "read-replacement": MAGENTA,
};

/** Colours a text, or leaves it alone, and says how much of it is shown. */
export class Paint {
  constructor(
    private readonly enabled: boolean,
    private readonly whole = true,
  ) {}

  /** A text in quotes, or its beginning. */
  quoted(text: string): string {
    return this.whole ? JSON.stringify(text) : quotedBeginning(text);
  }

  /** In the colour of an operation. */
  op(op: StepOp, text: string): string {
    return this.code(COLOURS[op], text);
  }

  /** As a headline. */
  headline(text: string): string {
    return this.code(BOLD, text);
  }

  /** As an error or a warning. */
  severity(severity: string, text: string): string {
    if (severity === "error") return this.code(RED, text);
    return severity === "warning" ? this.code(YELLOW, text) : text;
  }

  private code(code: number | undefined, text: string): string {
    return this.enabled && code !== undefined && text.trim() !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
