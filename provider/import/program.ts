/** A TypeScript program that declares resources. */

import { argumentsOf } from "./arguments";
import type { Lookup, Resource, Resources } from "./resources";
import { columns, type Entries, format, quoted, WIDTH } from "./source";

/** The configuration key that makes the program take over lines of pg_hba.conf. */
export const ADOPT_RULES = "adoptHbaRules";

/** Resources that belong together, under a comment that says what they are. */
interface Section {
  readonly title: string;
  readonly resources: readonly Resource[];
  /** Whether they are only declared where the configuration says so. */
  readonly conditional?: true;
}

/** The text of the program. */
export function programOf({ resources, lookup }: Resources): string {
  const sections = sectionsOf(resources);
  const ordered = sections.flatMap((section) => section.resources);
  const places = new Map(ordered.map((resource, index) => [resource, index]));
  const used = new Set<Resource>();
  const calls = new Map(ordered.map((resource, index) => [resource, argumentsOf(resource, before(index))]));
  const secrets = resources.some((resource) => resource.secrets.size > 0);
  const configured = secrets || sections.some(({ conditional }) => conditional);
  const imports = [
    ...(configured ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
    'import * as pgmob from "pulumi-pgmob";',
  ];
  const parts = sections.map(({ title, resources: here, conditional }) => {
    const indent = conditional ? 2 : 0;
    const text = here.map((one) => declaration(one, calls.get(one) ?? {}, used.has(one), indent)).join("\n\n");
    return conditional ? `${title}\nif (config.getBoolean("${ADOPT_RULES}")) {\n${text}\n}` : `${title}\n\n${text}`;
  });
  const config = configured ? ["const config = new pulumi.Config();"] : [];
  return `${[imports.join("\n"), ...config, ...parts].join("\n\n")}\n`;

  /** What can be named at a place of the program: the resources before it. */
  function before(index: number): Lookup {
    return (type, ...path) => {
      const found = lookup(type, ...path);
      if (found === undefined || (places.get(found) ?? index) >= index) return undefined;
      used.add(found);
      return found;
    };
  }
}

function sectionsOf(resources: readonly Resource[]): Section[] {
  const ofType = (type: string) => resources.filter((one) => one.type.type === type);
  const databases = new Map<string, Resource[]>();
  for (const one of [...ofType("Database"), ...resources.filter(({ type }) => type.perDatabase)]) {
    const database = String(one.type.perDatabase ? one.outputs.database : one.inputs.name);
    const others = databases.get(database);
    if (others === undefined) databases.set(database, [one]);
    else others.push(one);
  }
  const rules = ofType("HbaRule");
  return [
    { title: "// Roles", resources: ofType("Role") },
    ...[...databases].map(([name, here]) => ({ title: `// Database ${commented(name)}`, resources: here })),
    { title: "// Replication slots", resources: ofType("ReplicationSlot") },
    { title: "// Rules of pg_hba.conf, in their order", resources: rules.filter(({ foreign }) => !foreign) },
    { title: ADOPTION, resources: rules.filter(({ foreign }) => foreign), conditional: true as const },
  ].filter((section) => section.resources.length > 0);
}

const ADOPTION = `// Lines of pg_hba.conf that have no name yet, in their order. Once this is set
// (\`pulumi config set ${ADOPT_RULES} true\`), the next \`pulumi up\` writes the
// name of each behind it, and changes nothing else: then the condition can go.`;

/** A name in a comment, which only the end of a line could end. */
function commented(name: string): string {
  return /^\w+$/.test(name) ? name : quoted(name);
}

function declaration({ type, name, variable }: Resource, args: Entries, used: boolean, indent: number): string {
  const call = `new pgmob.${type.type}(`;
  const margin = " ".repeat(indent);
  if (!used) return statement(margin, call, name, args, indent);
  const start = `${margin}const ${variable} =`;
  // A name that leaves no room for the call has the line for itself.
  return columns(`${start} ${call}`) <= WIDTH
    ? statement(`${start} `, call, name, args, indent)
    : statement(`${start}\n${margin}  `, call, name, args, indent + 2);
}

function statement(start: string, call: string, name: string, args: Entries, indent: number): string {
  const column = columns(start.slice(start.lastIndexOf("\n") + 1) + call);
  const margin = " ".repeat(indent + 2);
  const first = quoted(name);
  if (Object.keys(args).length === 0) {
    const rest = `${first});`;
    if (column + columns(rest) <= WIDTH) return `${start}${call}${rest}`;
    return `${start}${call}\n${margin}${first},\n${" ".repeat(indent)});`;
  }
  const flat = format(args, indent, column + columns(`${first}, );`));
  if (!flat.includes("\n") || column + columns(`${first}, {`) <= WIDTH) return `${start}${call}${first}, ${flat});`;
  return `${start}${call}\n${margin}${first},\n${margin}${format(args, indent + 2, indent + 3)},\n${" ".repeat(indent)});`;
}
