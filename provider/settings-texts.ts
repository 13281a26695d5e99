/** Which texts settings can have: those that reach the server, and programs, just as they are. */

import { InvalidValueError } from "./errors";
import { isText, objectName } from "./values";

/** The settings that are names. The server would cut one that is too long, and take it for another one. */
const NAMES = ["user", "database", "become"];

/**
 * The same settings. What comes behind a NUL character would be read as another parameter of the session.
 *
 * @throws InvalidValueError naming the setting, never its value
 */
export function withTexts<T extends object>(settings: T): T {
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "string") continue;
    if (!isText(value)) throw new InvalidValueError(`${name} must be text without a NUL character`);
    if (NAMES.includes(name) && !objectName.accepts(value))
      throw new InvalidValueError(`${name} must be ${objectName.expects}`);
    // To the server it is the word for no role at all, also in quotes: one would go on as whoever has logged in.
    if (name === "become" && value === "none")
      throw new InvalidValueError('become must be a role, and none can be called "none"');
  }
  return settings;
}
