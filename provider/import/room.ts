/** How much configuration Pulumi can hand to a program. */

import type { Found } from "./found";
import type { Report } from "./report";

/** Pulumi hands all of it over in one variable of the environment, of which Linux takes 128 KiB at most. */
const ROOM = 100_000;
/** What a secret takes beside its value: its key with the project's name, and punctuation. */
const BESIDE = 50;

/** Whether the verifiers of all passwords have room in a stack's configuration; otherwise it is said that they are left out. */
export function roomForPasswords(found: readonly Found[], report: Report): boolean {
  const sizes = found.flatMap(({ type, observed }) => {
    const { password } = type.scriptValues?.(observed) ?? {};
    return typeof password === "string" ? [password.length + String(observed.values.name).length + BESIDE] : [];
  });
  if (sizes.reduce((sum, size) => sum + size, 0) <= ROOM) return true;
  report.note(
    `${sizes.length} passwords are left out, so that the program never touches them: a stack's configuration has no ` +
      "room for so many. Choose the roles whose passwords it is to keep with --include or --exclude",
  );
  return false;
}
