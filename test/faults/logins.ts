/** Who can log in: what the catalogue's lines leave out, because a verifier is another one each time. */

import assert from "node:assert/strict";
import type { OwnServer } from "../provider/hba/own-server";
import { FIRST, type Program, SECOND } from "./program";

/** What the server says of a password that is not the right one. */
const WRONG_PASSWORD = "28P01";

/** Every password that any program declares. */
export const PASSWORDS: readonly string[] = [FIRST, SECOND].flatMap((program) =>
  Object.values(program).flatMap(({ inputs }) => passwordOf(inputs) ?? []),
);

/** Fails unless each role of a program can log in with its declared password, and with no other that there is. */
export async function assertLogins(own: OwnServer, program: Program): Promise<void> {
  for (const { inputs } of Object.values(program)) {
    const [user, declared] = [String(inputs.name), passwordOf(inputs)];
    if (declared === undefined) continue;
    for (const password of new Set(PASSWORDS)) {
      const result = await own.ask("SELECT 1", { user, password }).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      const expected: string | undefined = password === declared ? undefined : WRONG_PASSWORD;
      assert.equal(result, expected, `${user} logs in with ${password === declared ? "its" : "another"} password`);
    }
  }
}

function passwordOf({ password }: Program[string]["inputs"]): string | undefined {
  return typeof password === "string" ? password : undefined;
}
