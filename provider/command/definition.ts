/** Commands: SQL or a shell command when a resource is created, changed and deleted. */

import type { CheckFailure, Field, Fields, ResourceType, Values } from "../definition";
import { commonFields } from "../objects/common";
import { flag, type Json, objectName, text } from "../values";
import { type CommandStep, step } from "./step";

/** What can be declared of a command. */
export interface CommandProperties {
  /**
   * The database that SQL runs in. Default: the connection's. Follows a rename; a command moves to another database only
   * together with a change of `triggers`.
   */
  database?: string;
  /** Run when the resource is created; and where there is no `update`, also when this has changed. Default: nothing is run. */
  create?: CommandStep | null;
  /** Run when this or `create` has changed. Default: `create` is run again. */
  update?: CommandStep | null;
  /**
   * Run when the resource is deleted or replaced. Default: nothing is run. Changing it runs nothing; it must be applied before
   * the resource is taken out of the program.
   */
  delete?: CommandStep | null;
  /**
   * Any values. When one has changed, the resource is replaced: first `delete` is run as it was applied last, then `create`.
   * Default none.
   */
  triggers?: readonly unknown[] | null;
}

/** What a command gives back: of SQL the rows, of a shell command what it printed. */
export interface CommandComputed {
  /**
   * The rows of the last statement, as objects: true and false, numbers that JavaScript has exactly, json and lists as they
   * are, all else (int8, numeric and times, too) as text. Of a shell command none.
   */
  rows?: Record<string, Json>[];
  /** How many rows the last statement gave back or changed. Of a shell command none. */
  rowCount?: number;
  /** What a shell command printed. Of SQL none. */
  stdout?: string;
  /** What a shell command printed to standard error. Of SQL none. */
  stderr?: string;
  /** The exit code of a shell command, which is 0: any other is an error. Of SQL none. */
  exitCode?: number;
}

/** The outputs, by name. */
export const COMPUTED: readonly (keyof CommandComputed)[] = ["rows", "rowCount", "stdout", "stderr", "exitCode"];

const SAYS = "`update` is run, or else `create`";

/** A step: no message shows it, because anything in it may be secret. */
function stepField(more: Pick<Field, "change" | "changeSays" | "defaultSays">): Field {
  return { value: step, default: null, confidential: true, postgres: "any SQL; COPY … TO PROGRAM", ...more };
}

const fields: Fields<CommandProperties & { name: unknown; secret: unknown; customTimeouts: unknown }> = {
  name: { value: text, change: "option", hidden: true, postgres: "—" },
  database: {
    value: objectName,
    change: "address",
    changeSays: "follows a rename; a move takes a change of `triggers`",
    postgres: "current_database()",
  },
  create: stepField({ change: "trigger", changeSays: SAYS }),
  update: stepField({ change: "trigger", changeSays: SAYS, defaultSays: "`create`" }),
  delete: stepField({ change: "option", changeSays: "nothing is run" }),
  triggers: {
    value: {
      expects: "a list of any values",
      accepts: (value) => Array.isArray(value),
      normalise: (value): Json => value,
    },
    change: "replace",
    default: [],
    changeSays: "replaced: `delete`, then `create`",
    postgres: "—",
  },
  secret: { value: flag, change: "option", default: false, hidden: true, postgres: "—" },
  customTimeouts: commonFields.customTimeouts,
};

/** A command without any step would never do anything. */
function checkTogether({ create, update, delete: last }: Values): CheckFailure[] {
  const none = [create, update, last].every((one) => one === undefined || one === null);
  return none ? [{ property: "create", reason: "is missing, and so are update and delete" }] : [];
}

/** The definition of commands. */
export const commandType: ResourceType = {
  type: "Command",
  noun: "command",
  fields,
  key: ["name"],
  perDatabase: true,
  checkTogether,
};
