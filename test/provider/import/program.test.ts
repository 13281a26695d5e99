import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ObjectType, Values } from "../../../provider/definition";
import type { Declared } from "../../../provider/import/declaration";
import { filesOf } from "../../../provider/import/files";
import { databaseType } from "../../../provider/objects/database";
import { hbaRuleType } from "../../../provider/objects/hba-rule";
import { replicationSlotType } from "../../../provider/objects/replication-slot";
import { roleType } from "../../../provider/objects/role";
import { schemaType } from "../../../provider/objects/schema";
import { sequenceType } from "../../../provider/objects/sequence";
import { declarations, type Ground } from "../arbitraries";
import { slotNameOf } from "../arbitraries/slot";
import { anyName, anyNames } from "../arbitraries/text";
import { biomeProblems } from "./biome";
import { declaredOf } from "./declared";

const METHODS = ["trust", "scram-sha-256", "peer", "ldap", "radius", "cert"];

/** Objects of some names, each with any attributes, and where it is. */
function objects(
  type: ObjectType,
  names: readonly string[],
  ground: Ground,
  places: readonly Values[] = [{}],
): fc.Arbitrary<Declared[]> {
  const all = names.map((name) =>
    fc
      .tuple(declarations(type, ground), fc.constantFrom(...places))
      .map(([values, place]) => declaredOf(type, { ...place, ...values, name }, place)),
  );
  return fc.tuple(...all);
}

/** What could be on a server; nothing of it is anywhere. */
const anyServer: fc.Arbitrary<Declared[]> = fc
  .record({
    ...{ roles: anyNames("r", 1, 5), databases: anyNames("d", 1, 3), schemas: anyNames("s", 1, 4) },
    ...{ sequences: anyNames("q", 0, 5), slots: fc.array(slotNameOf("l"), { maxLength: 2 }) },
    ...{
      rules: anyNames("h", 1, 4),
      foreign: fc.array(anyName("f"), { maxLength: 2 }),
      version: fc.constantFrom(14, 18),
    },
  })
  .chain(({ roles, databases, schemas, sequences, slots, rules, foreign, version }) => {
    const columns = roles.map((owner) => ({ table: owner, column: "c", owner }));
    const names = { roles, databases, rules, columns, tablespaces: ["t"], methods: METHODS, files: ["names"] };
    const ground: Ground = { version, superuser: true, ...names };
    const inDatabases = databases.map((database): Values => ({ database }));
    const inSchemas = inDatabases.flatMap((place) => schemas.map((schema): Values => ({ ...place, schema })));
    return fc.tuple(
      objects(roleType, roles, ground),
      objects(databaseType, databases, ground),
      objects(schemaType, schemas, ground, inDatabases),
      objects(sequenceType, sequences, ground, [...inDatabases, ...inSchemas]),
      objects(replicationSlotType, slots, ground, inDatabases),
      objects(hbaRuleType, rules, ground),
      objects(hbaRuleType, foreign, ground).map((some) => some.map((one) => ({ ...one, foreign: true as const }))),
    );
  })
  .map((all) => all.flat());

describe("the program of an import", () => {
  it("is formatted as Biome does it, and has nothing that it objects to, whatever is on the server", () => {
    const programs = fc.sample(anyServer, { numRuns: 150, seed: 1 }).map((all) => filesOf(all).program);
    assert.ok(programs.some((program) => program.split("\n").length > 150));
    const problems = biomeProblems(programs);
    assert.ok(problems === "", problems.slice(0, 10_000));
  });

  it("which would notice a program that is not", () => {
    assert.match(biomeProblems(["const  a = 1;\n"]), /program-0\.ts/);
  });
});
