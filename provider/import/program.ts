/** A TypeScript program that declares resources. */

import type { Field } from "../definition";
import type { Json } from "../values";
import type { Lookup, Resource, resourcesOf } from "./resources";
import { type Entries, type Expression, format, integerOf, literalOf, quoted, Source, WIDTH } from "./source";

const TITLES: Readonly<Record<string, string>> = {
  Role: "Roles",
  Database: "Databases",
  Schema: "Schemas",
  Sequence: "Sequences",
  ReplicationSlot: "Replication slots",
  HbaRule: "Rules of pg_hba.conf, in their order",
};

/** The text of the program. */
export function programOf({ resources, lookup }: ReturnType<typeof resourcesOf>): string {
  const used = new Set<Resource>();
  const noting: Lookup = (type, ...path) => {
    const found = lookup(type, ...path);
    if (found !== undefined) used.add(found);
    return found;
  };
  const calls = resources.map((resource) => ({ resource, args: argumentsOf(resource, noting) }));
  const parts = Object.entries(TITLES).flatMap(([type, title]) => {
    const here = calls.filter(({ resource }) => resource.type.type === type);
    if (here.length === 0) return [];
    return [
      `// ${title}\n\n${here.map(({ resource, args }) => declaration(resource, args, used.has(resource))).join("\n\n")}`,
    ];
  });
  const secrets = resources.some((resource) => resource.secrets.size > 0);
  const imports = [
    ...(secrets ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
    'import * as pgmob from "pulumi-pgmob";',
  ];
  const config = secrets ? ["const config = new pulumi.Config();"] : [];
  return `${[imports.join("\n"), ...config, ...parts].join("\n\n")}\n`;
}

function declaration({ type, name, variable }: Resource, args: Entries, used: boolean): string {
  const call = `new pgmob.${type.type}(`;
  if (!used) return statement("", call, name, args, 0);
  const start = `const ${variable} =`;
  // A name that leaves no room for the call has the line for itself.
  return `${start} ${call}`.length <= WIDTH
    ? statement(`${start} `, call, name, args, 0)
    : statement(`${start}\n  `, call, name, args, 2);
}

function statement(start: string, call: string, name: string, args: Entries, indent: number): string {
  const column = start.length - start.lastIndexOf("\n") - 1 + call.length;
  const first = quoted(name);
  if (Object.keys(args).length === 0) {
    const rest = `${first});`;
    if (column + rest.length <= WIDTH) return `${start}${call}${rest}`;
    return `${start}${call}\n${" ".repeat(indent + 2)}${first},\n${" ".repeat(indent)});`;
  }
  const flat = format(args, indent, column + first.length + ", );".length);
  if (!flat.includes("\n") || column + `${first}, {`.length <= WIDTH) return `${start}${call}${first}, ${flat});`;
  const margin = " ".repeat(indent + 2);
  return `${start}${call}\n${margin}${first},\n${margin}${format(args, indent + 2, indent + 3)},\n${" ".repeat(indent)});`;
}

function argumentsOf(resource: Resource, lookup: Lookup): Entries {
  const { type, inputs, outputs, name } = resource;
  const entries = Object.entries(inputs).flatMap(([attribute, value]): [string, Expression][] => {
    const secret = resource.secrets.get(attribute);
    if (secret !== undefined) return [[attribute, new Source(`config.requireSecret(${quoted(secret)})`)]];
    if (attribute === "name" && value === name) return [];
    return [[attribute, expressionOf(attribute, value, type.fields[attribute], String(outputs.database), lookup)]];
  });
  return Object.fromEntries(entries);
}

/** A value as a literal, or as the output of the resource that it names. */
function expressionOf(
  attribute: string,
  value: Json,
  field: Field | undefined,
  database: string,
  lookup: Lookup,
): Expression {
  const name = (type: string, ...path: string[]): Expression => {
    const found = lookup(type, ...path);
    return found === undefined ? literalOf(path.at(-1)) : new Source(`${found.variable}.name`);
  };
  if (attribute === "owner" && typeof value === "string") return name("Role", value);
  if (attribute === "database" && typeof value === "string") {
    const found = lookup("Database", value);
    return found === undefined ? literalOf(value) : new Source(found.variable);
  }
  if (attribute === "schema" && typeof value === "string") return name("Schema", database, value);
  if (attribute === "memberOf" && Array.isArray(value)) return value.map((one) => membership(one, name));
  if (field?.value.expects.startsWith("a whole number") && typeof value === "string") return integerOf(value);
  return literalOf(value);
}

function membership(value: Json, name: (type: string, ...path: string[]) => Expression): Expression {
  if (typeof value === "string") return name("Role", value);
  const { role, ...options } = value as Record<string, Json>;
  return { role: name("Role", String(role)), ...(literalOf(options) as Entries) };
}
