/** Every attribute of every type as a resource of its own, and the same changed by hand. */

import assert from "node:assert/strict";
import { Cluster } from "../../provider";
import type { ObjectType, Observed, Values } from "../../provider/definition";
import { pathOf, seenValues } from "../../provider/fields";
import { observe } from "../../provider/observe";
import { alter } from "../../provider/reconcile";
import { type Json, sameValue } from "../../provider/values";
import type { SampleNames } from "../provider/attribute-samples";
import { type Case, cases, declarationOf, makingOf } from "../provider/cases";
import type { Program, Stack } from "./stack";

/** A program with one resource for each case; `value` says what it declares, `undefined` for nothing. */
export function programOf(all: readonly Case[], names: SampleNames, value: (one: Case) => Json | undefined): Program {
  const resources = all.map((one) => {
    const type = one.type.type as Program[string]["type"];
    return [one.name, { type, args: declarationOf(one, names, value(one)) }] as const;
  });
  return Object.fromEntries(resources);
}

/** What the samples name, made by the program's own role: three roles, a database, a tablespace, what is taken over. */
export async function surroundings(stack: Stack, unique: string): Promise<SampleNames> {
  const names: SampleNames = {
    roles: [`${unique}_a`, `${unique}_b`, `${unique}_c`],
    database: `${unique}_d`,
    tablespace: `${unique}_t`,
  };
  const me = stack.role.name;
  for (const role of names.roles) await stack.sql(`SET ROLE ${me}; CREATE ROLE ${role}`);
  await stack.sql(`CREATE DATABASE ${names.database} OWNER ${me}`);
  await stack.sql(
    `CREATE TABLE t (a int, b int); ALTER TABLE t OWNER TO ${me}; GRANT CREATE ON SCHEMA public TO ${names.roles.join()}`,
    [],
    names.database,
  );
  const made = makingOf(cases(names, unique)).join("; ");
  await stack.sql(`SET ROLE ${me}; ${made}`, [], names.database);
  const admin = await stack.session("postgres");
  await admin.query("SET allow_in_place_tablespaces = on");
  await admin.query(`CREATE TABLESPACE ${names.tablespace} LOCATION ''`);
  await admin.query(`GRANT CREATE ON TABLESPACE ${names.tablespace} TO ${me}`);
  // To go back to where databases are by default takes the same right there.
  if (!stack.role.superuser) await admin.query(`GRANT CREATE ON TABLESPACE pg_default TO ${me}`);
  await admin.end();
  return names;
}

/** Drops what {@link surroundings} has made. */
export async function tidy(stack: Stack, names: SampleNames): Promise<void> {
  await stack.sql(`DROP DATABASE ${names.database}`);
  await stack.sql(`DROP TABLESPACE ${names.tablespace}`);
  if (!stack.role.superuser) await stack.sql(`REVOKE CREATE ON TABLESPACE pg_default FROM ${stack.role.name}`);
  for (const role of names.roles) await stack.sql(`DROP ROLE ${role}`);
}

/** The core, connected as the program is, to look at the server and to change it by hand. */
export class ByHand {
  private constructor(
    private readonly cluster: Cluster,
    private readonly names: SampleNames,
  ) {}

  static async connect({ server, role }: Stack, names: SampleNames): Promise<ByHand> {
    const { host, port } = server;
    const settings = { host, port, user: role.name, password: role.password, database: "postgres" };
    return new ByHand(await Cluster.connect(settings), names);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  /** Asserts that the server has a value; null may stand for what PostgreSQL itself chooses. */
  async has({ type, attribute, name, identity, field }: Case, expected: Json): Promise<void> {
    const observed = await this.observed(type, identity);
    if (attribute === "oid") return assert.equal(observed.oid, expected, name);
    if (observed.values[attribute] === undefined) return; // a password, LOCALE: shown by no column of its own
    const seen = seenValues(type, observed, { [attribute]: expected })[attribute] ?? null;
    assert.ok(
      sameValue(field.value, seen, expected),
      `${name}: ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`,
    );
  }

  /** Changes the attribute behind Pulumi's back. */
  async change({ type, attribute, identity, sample }: Case, value: Json): Promise<void> {
    const desired = { ...sample.beside, [attribute]: value };
    await alter(this.at(type), type, await this.observed(type, identity), desired, {});
  }

  private async observed(type: ObjectType, identity: Values): Promise<Observed> {
    const path = pathOf(type, identity);
    return (await observe(this.at(type), type, { path })) ?? assert.fail(`${path} is not there`);
  }

  private at(type: ObjectType): Cluster {
    return type.perDatabase ? this.cluster.in(this.names.database) : this.cluster;
  }
}
