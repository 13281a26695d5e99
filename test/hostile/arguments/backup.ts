/** The arguments of backups that are declared with a database: paths, commands and options of programs. */

import fc from "fast-check";
import { UNKNOWN } from "../../../provider/unknown";
import type { Json } from "../../../provider/values";
import { hostileText } from "../texts";

/** The two attributes. */
export type Attribute = "finalBackup" | "restoreFrom";

/** The flags of the options that are text, or lists of texts (`[]`). */
const COMMON = {
  ...{ superuser: "superuser", role: "role", "tables[]": "table", "schemas[]": "schema" },
  ...{ "excludeSchemas[]": "exclude-schema", "sections[]": "section" },
};
export const FLAGS: Readonly<Record<Attribute, Readonly<Record<string, string>>>> = {
  finalBackup: {
    ...COMMON,
    ...{ compress: "compress", encoding: "encoding", "excludeTables[]": "exclude-table" },
    ...{ "excludeTableData[]": "exclude-table-data" },
  },
  restoreFrom: {
    ...COMMON,
    ...{ "indexes[]": "index", "functions[]": "function", "triggers[]": "trigger", useList: "use-list" },
  },
};

/** The property with a command. */
export const COMMAND: Readonly<Record<Attribute, string>> = { finalBackup: "to", restoreFrom: "from" };

/** Every place with a text, as the types have them. */
export const BACKUP_ARGUMENTS: readonly string[] = (["finalBackup", "restoreFrom"] as const).flatMap((attribute) =>
  ["at", "path", "clientPath", `${COMMAND[attribute]}[]`, ...Object.keys(FLAGS[attribute])]
    .concat(attribute === "finalBackup" ? ["format"] : [])
    .map((name) => `${attribute}.${name}`),
);

/** Each option with a text. */
export function optionsWith(attribute: Attribute, text: string): Record<string, Json> {
  const entries = Object.keys(FLAGS[attribute]).map((name): [string, Json] =>
    name.endsWith("[]") ? [name.slice(0, -2), [text, `${text}x`]] : [name, text],
  );
  return Object.fromEntries(entries);
}

/** The arguments that these have to become, one word each, in the order of their names. */
export function wordsWith(attribute: Attribute, text: string): string[] {
  return Object.entries(FLAGS[attribute])
    .flatMap(([name, flag]) => (name.endsWith("[]") ? [text, `${text}x`] : [text]).map((one) => `--${flag}=${one}`))
    .sort();
}

/** What a shell, or a program, would take for more than a text; each would make a file, or take what is not there. */
const FOR_SHELLS = [
  ..."$(touch pwned)|`touch pwned`|'; touch pwned; '|\"; touch pwned; \"|&& touch pwned|; touch pwned #".split("|"),
  ...["x\ntouch pwned\n", "x || touch pwned", "$(touch$\x7bIFS}pwned)", "'$(touch pwned)'", "\\'; touch pwned; \\'"],
  ...["* ", "?", "[a-z]*", "{a,b}", "~", "~root", "$HOME", "$\x7bPATH}", "!!", "%s", "\\0", "> pwned", "2>pwned", "<x"],
  ...["-", "--", "-rf", "--help", "--version", "-c", "--file=pwned", "-fpwned", "--clean", "-t x", "=", "x=y", "("],
  ...["exit", "main", "cd", "d", "$d", '"$d"', "$secret", '"$secret"', "}", "}; main", "\u0085", "EOF"],
];

const piece = fc.oneof(hostileText, fc.constantFrom(...FOR_SHELLS));

/** Hostile texts, as others and as shells have them. None stands for what is not known yet. */
export const shellText: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...FOR_SHELLS) },
    { weight: 3, arbitrary: hostileText },
    { weight: 2, arbitrary: fc.tuple(piece, fc.constantFrom(...FOR_SHELLS), piece).map((parts) => parts.join("")) },
  )
  .filter((text) => text !== UNKNOWN);

/** The same as names in a folder, and ways that lead nowhere: none leaves it. */
export const pathText = shellText.filter((text) => !text.startsWith("/") && !/(^|\/)\.\.(\/|$)/.test(text));
