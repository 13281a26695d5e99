/** The arguments of a resource as expressions: literals, outputs of other resources, and secrets of the configuration. */

import type { Field } from "../definition";
import { KEYWORDS } from "../hba/items";
import type { Json } from "../values";
import type { Lookup, Resource } from "./resources";
import { callOf, type Entries, type Expression, integerOf, literalOf, Source } from "./source";

/** The parts of an item that hold the name of a role, or of a database. */
const NAMING: readonly string[] = ["role", "group", "name"];

/** What is declared of a resource. */
export function argumentsOf(resource: Resource, lookup: Lookup): Entries {
  const { type, inputs, name } = resource;
  const entries = Object.entries(inputs).flatMap(([attribute, value]): [string, Expression][] =>
    attribute === "name" && value === name
      ? []
      : [[attribute, expressionOf(resource, attribute, value, type.fields[attribute], lookup)]],
  );
  return Object.fromEntries(entries);
}

/** A value as a literal, or as the output of the resource that it names. */
function expressionOf(
  { secrets, outputs }: Resource,
  attribute: string,
  value: Json,
  field: Field | undefined,
  lookup: Lookup,
): Expression {
  const secret = secrets.get(attribute);
  if (secret !== undefined) return secretOf(secret);
  switch (attribute) {
    case "owner":
      return nameOf(lookup, "Role", String(value));
    case "database": {
      const found = lookup("Database", String(value));
      return found === undefined ? literalOf(value) : new Source(found.variable);
    }
    case "schema":
      return nameOf(lookup, "Schema", String(outputs.database), String(value));
    case "memberOf":
      return (value as Json[]).map((one) => item(one, "Role"));
    case "databases":
    case "users":
      return (value as Json[]).map((one) =>
        KEYWORDS.includes(String(one)) ? literalOf(one) : item(one, attribute === "users" ? "Role" : "Database"),
      );
    case "before":
    case "after": {
      const found = lookup("HbaRule", String(value));
      return found === undefined ? literalOf(value) : new Source(found.variable);
    }
    case "options":
      return Object.fromEntries(
        Object.entries(value as Record<string, Json>).map(([name, one]): [string, Expression] => {
          const key = secrets.get(`options.${name}`);
          return [name, key === undefined ? literalOf(one) : secretOf(key)];
        }),
      );
    default:
      if (field?.value.expects.startsWith("a whole number") && typeof value === "string") return integerOf(value);
      return literalOf(value);
  }

  /** An item of a list: a name, or an object that holds one. */
  function item(one: Json, type: string): Expression {
    if (typeof one === "string") return nameOf(lookup, type, one);
    const entries = Object.entries(one as Record<string, Json>).map(([part, inner]): [string, Expression] => [
      part,
      NAMING.includes(part) ? nameOf(lookup, type, String(inner)) : literalOf(inner),
    ]);
    return Object.fromEntries(entries);
  }
}

function nameOf(lookup: Lookup, type: string, ...path: string[]): Expression {
  const found = lookup(type, ...path);
  return found === undefined ? literalOf(path.at(-1)) : new Source(`${found.variable}.name`);
}

function secretOf(key: string): Source {
  return callOf("config.requireSecret", key);
}
