/** What could be on a server, drawn at random: objects of every type that can be imported, with any attributes. */

import type { ObjectType, Values } from "../../provider/definition";
import { isApplied } from "../../provider/fields";
import { databaseType } from "../../provider/objects/database";
import { hbaRuleType } from "../../provider/objects/hba-rule";
import { replicationSlotType } from "../../provider/objects/replication-slot";
import { roleType } from "../../provider/objects/role";
import { schemaType } from "../../provider/objects/schema";
import { sequenceType } from "../../provider/objects/sequence";
import { attributesOn, declarations, type Ground } from "../provider/arbitraries";
import { slotNameOf } from "../provider/arbitraries/slot";
import { anyNames } from "../provider/arbitraries/text";
import { Draws } from "../support/draws";

/** An object to be made. */
export interface Thing {
  readonly type: ObjectType;
  readonly inputs: Values;
}

/** A table to be made, whose column may own a sequence. */
export interface Table {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly owner: string;
}

/** Everything that a server is to have, in an order in which it can be made. */
export interface AnyServer {
  /** A text that is in the name of every object, and of none of any other of these. */
  readonly token: string;
  readonly roles: readonly Thing[];
  readonly databases: readonly Thing[];
  readonly schemas: readonly Thing[];
  readonly tables: readonly Table[];
  readonly sequences: readonly Thing[];
  readonly rules: readonly Thing[];
  readonly slots: readonly Thing[];
}

/** What a server shows as other attributes: `lcCollate` and `lcCtype`. */
export const UNSEEN = ["locale"];

/** Draws servers, so that each attribute occurs about as often as any other of its type. */
export class AnyServers {
  private readonly draws: Draws;
  private readonly turns = new Map<ObjectType, string[]>();

  /**
   * @param base what is on every one of the servers
   * @param seed what all of them follow from
   */
  constructor(
    private readonly base: Ground,
    seed: number,
  ) {
    this.draws = new Draws(seed);
  }

  /** The attributes of a type that servers can have and an import can see. */
  attributes(type: ObjectType): string[] {
    const names = ["a", "b"];
    const columns = [{ table: "t", column: "c", owner: "a" }];
    const ground = { ...this.base, roles: names, databases: names, columns, rules: names };
    return attributesOn(type, ground).filter((name) => isApplied(type.fields[name]) && !UNSEEN.includes(name));
  }

  /** One more server. */
  next(token: string): AnyServer {
    const { draws } = this;
    const names = (least: number, most: number) => draws.of(anyNames(token, least, most));
    const databaseNames = names(1, 2);
    const roleNames = names(2, 4);
    const ground: Ground = { ...this.base, databases: databaseNames, roles: roleNames };
    const roles = roleNames.map((name, index) =>
      this.thing(roleType, { name }, { ...ground, roles: roleNames.slice(0, index) }),
    );
    const databases = databaseNames.map((name) => this.thing(databaseType, { name }, ground));
    const open = databases.filter(({ inputs: { allowConnections } }) => allowConnections !== false);
    const inside = open.map(({ inputs }) => this.inDatabase(inputs, token, ground));
    // Only what has another before it can have a place beside that.
    const ruleNames = names(2, 3).filter((name) => hbaRuleType.fields.name?.value.accepts(name));
    return {
      ...{ token, roles, databases },
      schemas: inside.flatMap(({ schemas }) => schemas),
      tables: inside.flatMap(({ tables }) => tables),
      sequences: inside.flatMap(({ sequences }) => sequences),
      rules: ruleNames.map((name, index) =>
        this.thing(hbaRuleType, { name }, { ...ground, rules: ruleNames.slice(0, index) }),
      ),
      slots: open.slice(0, 1).map(({ inputs: { name } }) => this.slot(token, String(name))),
    };
  }

  private slot(token: string, database: string): Thing {
    const { type, inputs } = this.thing(replicationSlotType, { name: this.draws.of(slotNameOf(token)) }, this.base);
    return { type, inputs: inputs.type === "logical" ? { ...inputs, database } : inputs };
  }

  /** What is in a database. One whose encoding has but some characters has names, and roles' names, of those that all have. */
  private inDatabase(inputs: Values, token: string, all: Ground) {
    const { name: database = "", encoding = "UTF8" } = inputs as Record<string, string>;
    const unicode = /utf-?8/i.test(encoding);
    const fits = (text: string) => unicode || /^[\0-\x7f]*$/.test(text);
    const made = (least: number, most: number) => this.draws.of(anyNames(token, least, most)).filter(fits);
    if (!fits(JSON.stringify(inputs))) return { schemas: [], tables: [], sequences: [] };
    const ground = { ...all, roles: all.roles.filter(fits) };
    const suits = (values: Values) => fits(JSON.stringify(values));
    const schemas = made(1, 2).map((name) => this.thing(schemaType, { database, name }, ground, suits));
    const places = ["public", ...schemas.map(({ inputs }) => String(inputs.name))].map((schema) => {
      const [table, ...sequences] = made(2, 3);
      const [owner] = ground.roles;
      const tables = table !== undefined && owner !== undefined ? [{ table, column: table, owner }] : [];
      const here = { ...ground, columns: tables };
      return {
        tables: tables.map((one): Table => ({ database, schema, ...one })),
        sequences: sequences.map((name) => this.thing(sequenceType, { database, schema, name }, here, suits)),
      };
    });
    return {
      schemas,
      tables: places.flatMap(({ tables }) => tables),
      sequences: places.flatMap(({ sequences }) => sequences),
    };
  }

  private thing(type: ObjectType, key: Values, ground: Ground, suits: (values: Values) => boolean = () => true): Thing {
    const options = { must: this.turn(type, ground), only: (name: string) => isApplied(type.fields[name]) };
    const values = this.draws.of(declarations(type, ground, options).filter(suits));
    return { type, inputs: { ...values, ...key } };
  }

  /** The attributes take turns in being declared for certain; one that the ground has nothing for waits for another. */
  private turn(type: ObjectType, { roles, rules, columns }: Ground): string | undefined {
    const turns = this.turns.get(type) ?? this.attributes(type);
    this.turns.set(type, turns);
    const missing = [
      ...(roles.length === 0 ? ["memberOf", "owner", "ownedBy"] : []),
      ...(rules.length === 0 ? ["before", "after"] : []),
      ...(columns.length === 0 ? ["ownedBy"] : []),
    ];
    const able = turns.findIndex((name) => !missing.includes(name));
    const [name] = turns.splice(able, 1);
    if (name !== undefined) turns.push(name);
    return name;
  }
}
