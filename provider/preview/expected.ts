/** What a run of the program has announced: objects that are not on the server yet, and will be when it comes to them. */

import type { Values } from "../definition";
import type { DatabaseFacts, Facts, RoleFacts, SchemaFacts, ServerFacts } from "../facts";

/** Where an object is: its type, the database of one that lives in one, and the values of its key. */
export interface Address {
  readonly type: string;
  readonly database: string;
  readonly path: readonly string[];
}

/** The objects that the resources of a run stand for. */
export class Announced {
  private readonly declared = new Map<string, Values>();
  private readonly kept = new Set<string>();

  /** An object that there will be, as it is declared. */
  announce(address: Address, values: Values): void {
    this.declared.set(keyOf(address), values);
  }

  /** What is declared of an object that there will be. */
  get(address: Address): Values | undefined {
    return this.declared.get(keyOf(address));
  }

  /** An object that a resource of the stack stands for already. */
  keep(address: Address): void {
    this.kept.add(keyOf(address));
  }

  /** Whether a resource of the stack stands for the object, so that it is in nobody's way. */
  isKept(address: Address): boolean {
    return this.kept.has(keyOf(address));
  }
}

function keyOf({ type, database, path }: Address): string {
  return JSON.stringify([type, database, ...path]);
}

/** Facts by the names of objects; undefined where there is none of the name. */
export interface Expectations {
  role(name: string): RoleFacts | undefined;
  database(name: string): DatabaseFacts | undefined;
  schema(name: string): SchemaFacts | undefined;
}

/** The facts of an object with these values, once the connected role has made it. */
export function factsOnceMade({ superuser, user, createRole }: ServerFacts) {
  const owned = ({ owner }: Values) => {
    const name = typeof owner === "string" ? owner : user;
    return { owner: name, ours: superuser || name === user };
  };
  return {
    // A role with CREATEROLE may grant to itself what it has created, and has no rights of it before.
    role: (values: Values): RoleFacts => ({
      superuser: values.superuser === true,
      ...{ usage: superuser, set: superuser, admin: createRole, grantor: null, ownGrant: null },
    }),
    database: (values: Values): DatabaseFacts => {
      const { owner, ours } = owned(values);
      return { oid: 0, owner, locale: {}, create: ours };
    },
    schema: (values: Values): SchemaFacts => {
      const { owner, ours } = owned(values);
      return { owner, usage: ours, create: ours, users: [owner], creators: [owner] };
    },
  };
}

/** Facts that are known, and behind them what is expected. A plan asks for one name at a time. */
export function withExpected(
  known: Pick<Facts, "roles" | "databases" | "schemas">,
  expected: Expectations,
): Pick<Facts, "roles" | "databases" | "schemas"> {
  return {
    roles: new Expected(known.roles, (name) => expected.role(name)),
    databases: new Expected(known.databases, (name) => expected.database(name)),
    schemas: new Expected(known.schemas, (name) => expected.schema(name)),
  };
}

class Expected<T> extends Map<string, T> {
  constructor(
    known: ReadonlyMap<string, T>,
    private readonly otherwise: (name: string) => T | undefined,
  ) {
    super(known);
  }

  override get(name: string): T | undefined {
    return super.get(name) ?? this.otherwise(name);
  }

  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}
