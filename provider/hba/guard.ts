/** Refuses a change after which the connection that makes it could not be made again. Pure. */

import { isDeepStrictEqual } from "node:util";
import { RefusedError } from "../errors";
import { textOf } from "./bytes";
import type { HbaDocument, Line } from "./document";
import { type Login, matches } from "./match";
import { meaningOf, methodMeaning } from "./meaning";
import { renderRule } from "./rule";
import type { HbaRule } from "./types";

const PASSWORDS = ["scram-sha-256", "md5", "password"];

/** The lines that may decide about a login, in order: the last one surely does, if `decided`. */
interface Candidates {
  readonly lines: readonly Line[];
  readonly decided: boolean;
}

/**
 * Refuses a change that would keep a login out, or perhaps would. The first line that matches for certain decides. A
 * line before it of which that cannot be told means no, unless the change leaves all lines that may decide as they are.
 * Where the file kept the login out already, whatever is not certain to do so is better.
 *
 * @throws RefusedError that names the line
 */
export function refuseLockout(before: HbaDocument, after: HbaDocument, login: Login): void {
  const [old, now] = [candidates(before, login), candidates(after, login)];
  const reason = lockout(old, now, login);
  if (reason === undefined) return;
  throw new RefusedError(`${reason}, so that this connection could not be made again`, {
    detail: `It is that of role ${login.user} to database ${login.database} from ${login.address ?? "the Unix socket"}`,
    remedy: "Let a rule before it allow this connection, or set allowLockout: true to make the change all the same",
  });
}

function lockout(old: Candidates, now: Candidates, login: Login): string | undefined {
  const [first, last] = [now.lines[0], now.lines.at(-1)];
  if (first === undefined || last === undefined) return "no line of pg_hba.conf would match it";
  const certain = now.decided && now.lines.length === 1;
  if (certain && isReject(last)) return `${described(last)} would reject it`;
  if (old.lines[0] === undefined || (old.decided && old.lines.length === 1 && isReject(old.lines[0]))) return undefined;
  if (certain) return refusedBy(last, old, login);
  return isDeepStrictEqual(meanings(old), meanings(now)) ? undefined : `${described(first)} perhaps decides about it`;
}

function candidates(document: HbaDocument, login: Login): Candidates {
  const lines: Line[] = [];
  for (const line of document.lines.filter((one) => !isGarbled(one))) {
    const { meaning } = line;
    const answer =
      meaning.kind === "rule" ? matches(meaning.rule, login) : meaning.kind === "nothing" ? "no" : "unknown";
    if (answer !== "no") lines.push(line);
    if (answer === "yes") return { lines, decided: true };
  }
  return { lines, decided: false };
}

/** A line of ours that somebody made unreadable lets nobody in: with it the server does not take the file at all. */
function isGarbled({ meaning, marker }: Line): boolean {
  return meaning.kind === "unreadable" && marker !== undefined;
}

function meanings({ lines }: Candidates): string[] {
  return lines.map(({ meaning, text }) => (meaning.kind === "rule" ? meaningOf(meaning.rule) : text));
}

/** A line for messages. Options and comments are left out: there may be secrets in them. */
function described({ line, meaning }: Line): string {
  if (meaning.kind !== "rule") return `line ${line} of pg_hba.conf`;
  return `line ${line} of pg_hba.conf (${textOf(renderRule({ ...meaning.rule, options: null }, 0))})`;
}

/** Why the line that decides does not let the login in, as far as its method tells. */
function refusedBy(line: Line, old: Candidates, login: Login): string | undefined {
  const rule = ruleOf(line);
  const was = old.decided && old.lines.length === 1 ? ruleOf(old.lines[0]) : undefined;
  if (rule === undefined) return `${described(line)} perhaps decides about it`;
  if (rule.method === "trust" && Object.keys(rule.options ?? {}).length === 0) return undefined;
  if (was !== undefined && methodMeaning(was) === methodMeaning(rule)) return undefined;
  const password =
    was !== undefined &&
    [was, rule].every(({ method }) => PASSWORDS.includes(method)) &&
    methodMeaning({ ...was, method: "" }) === methodMeaning({ ...rule, method: "" });
  if (password && (rule.method !== "scram-sha-256" || login.scramVerifier === true)) return undefined;
  return `${described(line)} would ask for another authentication (${rule.method}), of which it is not certain that it succeeds`;
}

function isReject(line: Line): boolean {
  return ruleOf(line)?.method === "reject";
}

function ruleOf(line: Line | undefined): HbaRule | undefined {
  return line?.meaning.kind === "rule" ? line.meaning.rule : undefined;
}
