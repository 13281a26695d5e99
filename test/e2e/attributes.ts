/** Every attribute of every type as a resource of its own, and the same changed by hand. */

import assert from "node:assert/strict";
import { Cluster } from "../../provider";
import type { ObjectType, Observed } from "../../provider/definition";
import { pathOf, seenValues } from "../../provider/fields";
import { alter, observe } from "../../provider/reconcile";
import { type Json, sameValue } from "../../provider/values";
import { type Case, declarationOf } from "../provider/cases";
import type { SampleNames } from "../provider/samples";
import type { Program, Stack } from "./stack";

/** A program with one resource for each case; `value` says what it declares, `undefined` for nothing. */
export function programOf(all: readonly Case[], names: SampleNames, value: (one: Case) => Json | undefined): Program {
  const resources = all.map((one) => {
    const type = one.type.type as Program[string]["type"];
    return [one.name, { type, args: declarationOf(one, names, value(one)) }] as const;
  });
  return Object.fromEntries(resources);
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
  async has({ type, attribute, name, field }: Case, expected: Json): Promise<void> {
    const observed = await this.observed(type, name);
    if (observed.values[attribute] === undefined) return; // a password, LOCALE: shown by no column of its own
    const seen = seenValues(type, observed, { [attribute]: expected })[attribute] ?? null;
    assert.ok(
      sameValue(field.value, seen, expected),
      `${name}: ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`,
    );
  }

  /** Changes the attribute behind Pulumi's back. */
  async change({ type, attribute, name }: Case, value: Json): Promise<void> {
    await alter(this.at(type), type, await this.observed(type, name), { [attribute]: value }, {});
  }

  private async observed(type: ObjectType, name: string): Promise<Observed> {
    return (
      (await observe(this.at(type), type, { path: pathOf(type, { name }) })) ?? assert.fail(`${name} is not there`)
    );
  }

  private at(type: ObjectType): Cluster {
    return type.perDatabase ? this.cluster.in(this.names.database) : this.cluster;
  }
}
