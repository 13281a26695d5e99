/** What programs are given: commands, and paths, each of which arrives just as it is. */

import { InvalidValueError } from "../errors";
import { isText } from "../values";

/** Whether a value is a program and its arguments. */
export function isCommand(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value[0] !== "" && value.length > 0 && value.every(isText);
}

/** Refuses a command that is none. */
export function refuseCommand(command: unknown): void {
  if (isCommand(command)) return;
  throw new InvalidValueError("a command must be a list: a program and its arguments, none with a NUL character");
}

/** Whether a value can be a path: what has no UTF-8 would become the path of something else. */
export function isPath(value: unknown): value is string {
  return isText(value) && value !== "";
}

/** Refuses a path that cannot be one. */
export function refusePath(path: string): void {
  if (!isPath(path)) throw new InvalidValueError("path must not be empty, nor contain a NUL character");
}

/** The same path, which no program takes for an option, or for its input. */
export function asOperand(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}
