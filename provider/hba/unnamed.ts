/** Lines of pg_hba.conf that have no name yet: which of them a program can take over, and why it cannot the others. Pure. */

import { ipOf, ipText, networkOf } from "./address";
import { type Bytes, bytesOf, textOf } from "./bytes";
import { checkRule, checkVersion } from "./check";
import type { HbaDocument, Line } from "./document";
import { errorShown } from "./failures";
import { commentText } from "./marker";
import { meaningOf } from "./meaning";
import { canBeMarked } from "./plan";
import type { FileError } from "./read";
import type { HbaRule } from "./types";

/** A line of somebody else with something in it. */
export type UnnamedLine =
  | {
      /** What is called so in messages: `line 5 of pg_hba.conf`. */
      readonly where: string;
      /** What is to be declared for it to be taken over: the same meaning, in words that a declaration takes. */
      readonly rule: HbaRule;
      readonly reason?: undefined;
    }
  | {
      readonly where: string;
      /** Why it cannot be taken over, without a secret. */
      readonly reason: string;
      readonly rule?: undefined;
    };

/**
 * All of them, in the order of the file; behind them the lines of included files that the server cannot read.
 *
 * @param errors what the server itself objects to
 */
export function unnamedLines(document: HbaDocument, errors: readonly FileError[]): UnnamedLine[] {
  const own = new Map(errors.flatMap((error) => (error.file === null ? [[error.line, error] as const] : [])));
  const elsewhere = errors.filter(({ file }) => file !== null);
  const first = new Map<string, Line>();
  const lines = document.lines.flatMap((line, index): UnnamedLine[] => {
    const { meaning, marker } = line;
    if (marker !== undefined || meaning.kind === "nothing") return [];
    const where = `line ${line.line} of pg_hba.conf`;
    const error = own.get(line.line);
    if (error !== undefined) return [{ where, reason: unreadable(errorShown(error, line)) }];
    if (meaning.kind === "include")
      return [{ where, reason: "it includes other files, whose lines are nobody's here" }];
    if (meaning.kind === "unreadable") return [{ where, reason: "it is no rule of a kind that is known here" }];
    const same = first.get(meaningOf(meaning.rule));
    if (same !== undefined) return [{ where, reason: `line ${same.line}, which comes first, says the same` }];
    first.set(meaningOf(meaning.rule), line);
    const rule = declarable(line, meaning.rule);
    const reason = unfit(rule, line, document) ?? (canBeMarked(document, index) ? undefined : NO_PLACE);
    return [reason === undefined ? { where, rule } : { where, reason }];
  });
  return [
    ...lines,
    ...elsewhere.map(({ line, file, error }) => ({ where: `line ${line} of ${file}`, reason: unreadable(error) })),
  ];
}

function unreadable(error: string): string {
  return `the server cannot read it (${error}), and takes no change of the file before it is repaired`;
}

const NO_PLACE = "no name can stand behind it";

function unfit(rule: HbaRule, { text, comment }: Line, { major }: HbaDocument): string | undefined {
  const words = text.slice(0, text.length - comment.length);
  if (!isUtf8(words)) return "it is not UTF-8";
  const named = { ...rule, name: "x" };
  const [failure] = [...checkRule(named), ...checkVersion(named, major)];
  return failure && `its ${failure.property} ${failure.reason}`;
}

function isUtf8(bytes: Bytes): boolean {
  return bytesOf(textOf(bytes)) === bytes;
}

/** A rule in words that a declaration takes: what the server ignores is left out. */
function declarable({ comment }: Line, rule: HbaRule): HbaRule {
  const words = commentText(comment);
  const said =
    words !== undefined &&
    isUtf8(comment) &&
    checkRule({ comment: words }).every(({ property }) => property !== "comment");
  return {
    ...rule,
    ...(rule.address ? { address: networkShown(rule.address, rule.netmask) } : {}),
    ...(said ? { comment: words } : {}),
  };
}

/** The bits of an address that its length or mask leaves out are not looked at by the server. */
function networkShown(address: string, netmask: HbaRule["netmask"]): string {
  const network = networkOf(address, netmask);
  const [host = "", length] = address.split("/");
  if (network === undefined || ipOf(host)?.value === (network.value & network.mask)) return address;
  const first = ipText({ ...network, value: network.value & network.mask });
  return length === undefined ? first : `${first}/${length}`;
}
