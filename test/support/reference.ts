/** The README's table of what is supported, made from the field tables. `npm run docs` writes it; a test compares it. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandType } from "../../provider/command/definition";
import type { Field, FieldChange } from "../../provider/definition";
import { OLDEST_SUPPORTED } from "../../provider/facts";
import { objectTypes } from "../../provider/objects";

const README = join(__dirname, "..", "..", "..", "README.md");
const BEGIN = "<!-- reference: written by `npm run docs` -->";
const END = "<!-- /reference -->";

const CHANGES: Readonly<Record<FieldChange, string>> = {
  update: "in place",
  address: "follows a rename; a move is refused",
  identity: "lets go of one, and takes over the other",
  guard: "refused, or with `allowReplace` dropped and created anew",
  createOnly: "never compared after creation",
  trigger: "something is done again",
  replace: "deleted, then created anew",
  option: "nothing is sent",
};

function defaultOf({ default: value, change, defaultSays }: Field): string {
  if (defaultSays !== undefined) return defaultSays;
  if (value === undefined) return change === "update" ? "as it is" : "—";
  return value === null ? "none" : `\`${JSON.stringify(value)}\``;
}

/** From which major version on: of the attribute, or of some of its values. */
function versionOf({ since = [] }: Field): string {
  const all = since.find(({ what }) => what === undefined)?.version ?? OLDEST_SUPPORTED;
  const some = since.flatMap(({ what, version }) => (what === undefined ? [] : [`${what}: ${version}`]));
  return [String(all), ...some].join("; ");
}

function row(type: string, name: string, field: Field): string {
  const values = field.secret ? `${field.value.expects}; secret` : field.value.expects;
  const cells = [
    type,
    `\`${name}\``,
    values,
    defaultOf(field),
    field.changeSays ?? CHANGES[field.change],
    versionOf(field),
    field.postgres.replaceAll("|", "\\|"),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The table as Markdown. */
export function referenceTable(): string {
  const rows = [...objectTypes.values(), commandType].flatMap((type) =>
    Object.entries(type.fields).flatMap(([name, field]) => (field.hidden ? [] : [row(type.type, name, field)])),
  );
  const head = ["type", "attribute", "values", "default", "changing it", "from version", "PostgreSQL"];
  return [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows].join("\n");
}

/** The README, and the README with the table as it should be. */
export function readme(): { readonly is: string; readonly shouldBe: string } {
  const is = readFileSync(README, "utf8");
  const [before, rest] = is.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md has no "${BEGIN}" … "${END}"`);
  return { is, shouldBe: `${before}${BEGIN}\n\n${referenceTable()}\n\n${END}${after}` };
}

if (require.main === module) writeFileSync(README, readme().shouldBe);
