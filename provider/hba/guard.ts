/** Refuses a change after which the connection that makes it could not be made again. Pure. */

import { RefusedError } from "../errors";
import { textOf } from "./bytes";
import type { HbaDocument, Line } from "./document";
import { type Login, matches } from "./match";
import { methodMeaning } from "./meaning";
import { renderRule } from "./rule";
import type { HbaRule } from "./types";

const PASSWORDS = ["scram-sha-256", "md5", "password"];

/** The lines that may decide about a login, in order: the last one surely does, if `decided`. */
interface Candidates {
  readonly lines: readonly Line[];
  readonly decided: boolean;
}

/**
 * Refuses a change that would keep a login out, or perhaps would. The first line that matches for certain decides, and
 * a line before it of which that cannot be told means no, also where the change does not touch it: the server reads the
 * file anew, and with it everything that others wrote since it did so last, into the files that it includes as well.
 * Where the file kept the login out already, a line that is not certain to do so is better.
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
  const [first] = now.lines;
  if (first === undefined) return "no line of pg_hba.conf would match it";
  const decisive = certainLine(now);
  if (decisive === undefined) return `${described(first)} perhaps decides about it`;
  if (isReject(decisive)) return `${described(decisive)} would reject it`;
  const was = certainLine(old);
  if (old.lines.length === 0 || (was !== undefined && isReject(was))) return undefined;
  return refusedBy(decisive, was, login);
}

/** The line that decides for certain; undefined where one before it perhaps does, or none does. */
function certainLine({ lines: [first, second], decided }: Candidates): Line | undefined {
  return decided && second === undefined ? first : undefined;
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

/** A line for messages. Options and comments are left out: there may be secrets in them. */
function described({ line, meaning }: Line): string {
  if (meaning.kind !== "rule") return `line ${line} of pg_hba.conf`;
  return `line ${line} of pg_hba.conf (${textOf(renderRule({ ...meaning.rule, options: null }, 0))})`;
}

/** Why the line that decides does not let the login in, as far as its method tells. */
function refusedBy(line: Line, before: Line | undefined, login: Login): string | undefined {
  const [rule, was] = [ruleOf(line), ruleOf(before)];
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
