import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "../../resources";
import { providerText } from "../../resources/base";
import { register, secret, settled } from "./register";

const { getRoles, getTables, getServer } = pgmob;

/** What the SDK itself takes for a value that is not known yet. */
const UNKNOWN_VALUE = pulumi.unknown as unknown as string;

/** Does lookups as a program would, and shows what the engine is asked for. */
async function look(build: () => pulumi.Output<unknown>[], { preview = false } = {}) {
  let answers: pulumi.Output<unknown>[] = [];
  const { requests } = await register(
    () => {
      answers = build();
      return [];
    },
    { preview },
  );
  await Promise.all(answers.map((answer) => pulumi.getAllResources(answer))); // unknown ones never call back
  const reads = requests.filter(({ kind }) => kind === "read");
  return { answers, reads, names: reads.map(({ name }) => name) };
}

/** A component of one type with a lookup in it. */
class Team extends pulumi.ComponentResource {
  readonly roles: pulumi.Output<unknown>;
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Team", name, {}, options);
    this.roles = getRoles({ like: "a%" }, { parent: this });
  }
}

describe("a lookup", () => {
  it("is the read of a resource, with its arguments and nothing else", async () => {
    const { reads } = await look(() => [getTables({ like: "a%", notLike: undefined, schema: pulumi.output("s") })]);
    assert.equal(reads.length, 1);
    const [{ type, name, id, properties, secretOutputs } = assert.fail()] = reads;
    assert.equal(type, "pulumi-nodejs:dynamic/pgmob:getTables");
    assert.match(name, /^like=a%,schema=s-[0-9a-f]{16}$/);
    assert.equal(id, name);
    assert.deepEqual(properties, { like: "a%", schema: "s", __provider: providerText("getTables") });
    assert.deepEqual(secretOutputs, []);
  });

  it("needs no arguments", async () => {
    const { reads } = await look(() => [getServer()]);
    assert.match(reads[0]?.name ?? "", /^[0-9a-f]{16}$/);
    assert.deepEqual(reads[0]?.properties, { __provider: providerText("getServer") });
  });

  it("answers with objects by schema and name, whatever their oids", async () => {
    const { answers } = await look(() => [getRoles(), getTables(), getServer()]);
    const [roles, tables, server] = await Promise.all(answers.map(settled));
    assert.deepEqual(roles, [{ name: "B" }, { name: "a" }, { name: "b" }]);
    assert.deepEqual(tables, [
      { schema: "r", name: "z" },
      { schema: "s", name: "a" },
      { schema: "s", name: "b" },
    ]);
    assert.deepEqual(server, { major: 18 });
  });

  it("takes a Database for its name", async () => {
    const { reads } = await look(() => {
      const shop = new pgmob.Database("shop-db", { name: "shop" });
      const args = Object.freeze({ database: shop });
      return [getTables(args), getTables(args)];
    });
    assert.deepEqual(
      reads.map(({ properties }) => properties.database),
      ["shop"],
    );
  });

  it("refuses an argument that it does not have at once, and says where options go", () => {
    const wrong = [() => getRoles({ owner: "a" } as object), () => getServer({ provider: undefined } as object)];
    assert.throws(wrong[0] as () => unknown, {
      name: "TypeError",
      message: 'getRoles has no argument "owner"; options are its second argument',
    });
    assert.throws(wrong[1] as () => unknown, TypeError);
  });
});

describe("the name of a lookup", () => {
  const HOSTILE = ["a::b", "x".repeat(200), "naïve 🐘", "line\nbreak", "$", "", "a/b"];
  const all = () => [
    ...HOSTILE.map((like) => getRoles({ like })),
    getRoles({ names: ["a", "b"] }),
    getRoles({ names: ["a,b"] }),
    getRoles({ like: "a", notLike: "b" }),
    getRoles({ like: "b", notLike: "a" }),
    getRoles(),
    getTables(),
  ];

  it("tells every lookup from every other one, in short", async () => {
    const { reads, names } = await look(all);
    assert.equal(new Set(reads.map(({ type, name }) => `${type}::${name}`)).size, HOSTILE.length + 6);
    for (const name of names) assert.match(name, /^[\w.,=%-]{16,77}$/);
  });

  it("is the same whatever the order of the lookups, and of their arguments", async () => {
    const [forwards, backwards] = [await look(all), await look(() => all().reverse())];
    assert.deepEqual(forwards.names.sort(), backwards.names.sort());
    const { names } = await look(() => [getRoles({ like: "a", notLike: "b" }), getRoles({ notLike: "b", like: "a" })]);
    assert.equal(names.length, 1);
  });

  it("holds no secret, and neither does its answer in plain", async () => {
    const { reads, answers } = await look(() => [
      getRoles({ like: pulumi.secret("s3cret"), notLike: "b" }),
      getRoles({ like: "s3cret", notLike: "b" }),
      getRoles({ names: ["a", pulumi.secret("s3cret")] }),
    ]);
    const hidden = reads.find(({ properties }) => typeof properties.like === "object") ?? assert.fail();
    const plain = reads.find(({ properties }) => typeof properties.like === "string") ?? assert.fail();
    const list = reads.find(({ properties }) => properties.names !== undefined) ?? assert.fail();
    assert.match(hidden.name, /^notLike=b-[0-9a-f]{16}$/);
    assert.match(plain.name, /^like=s3cret,notLike=b-[0-9a-f]{16}$/);
    assert.match(list.name, /^[0-9a-f]{16}$/);
    assert.deepEqual(hidden.properties.like, secret("s3cret"));
    assert.deepEqual(
      [hidden, plain, list].map(({ secretOutputs }) => secretOutputs),
      [["result"], [], ["result"]],
    );
    assert.deepEqual(await Promise.all(answers.map((answer) => pulumi.isSecret(answer))), [true, false, true]);
  });
});

describe("what is asked twice", () => {
  it("in the same words is asked once", async () => {
    const { reads, answers } = await look(() => [
      getRoles({ like: "a" }),
      getRoles({ like: pulumi.output("a") }),
      getRoles({ like: Promise.resolve("a"), names: undefined }),
    ]);
    assert.equal(reads.length, 1);
    assert.deepEqual(await settled(answers[2]!), await settled(answers[0]!));
  });

  it("in another run of a program in the same process, is asked again", async () => {
    for (const run of [1, 2]) assert.equal((await look(() => [getRoles({ like: "a" })])).reads.length, 1, `run ${run}`);
  });

  it("of another server, for another parent, or after something else, is another question", async () => {
    const { reads } = await look(() => {
      const [one, two] = [new pgmob.Provider("one", { host: "h" }), new pgmob.Provider("two", { host: "h" })];
      const role = new pgmob.Role("role", { name: "a" });
      const teams = [new Team("a"), new Team("b"), new Team("c", { providers: [one] })];
      const args = { like: "a%" };
      return [
        ...teams.map(({ roles }) => roles),
        getRoles(args),
        getRoles(args, { provider: one }),
        getRoles(args, { provider: two }),
        getRoles(args, { dependsOn: role }),
        getRoles(args, { dependsOn: [pulumi.output(role)] }),
        getRoles({ like: role.name.apply(() => "a%") }),
        getRoles({ ...args, names: [role.name] }),
        getRoles({ ...args, names: ["a"] }),
      ];
    });
    // After a role in one way or another is the same; with its name in an argument or as text is not.
    assert.equal(reads.length, 9);
    const provider = (name: string) =>
      reads.filter((read) => read.provider.includes(`pulumi:providers:pulumi-nodejs::${name}::`)).length;
    assert.deepEqual([provider("one"), provider("two")], [2, 1]);
  });
});

describe("in a preview", () => {
  it("what is known is asked for, and known", async () => {
    const { reads, answers } = await look(() => [getRoles({ like: "a" })], { preview: true });
    assert.equal(reads.length, 1);
    assert.equal(((await settled(answers[0]!)) as unknown[]).length, 3);
  });

  it("an argument that is not known makes the answer unknown, and nothing is asked", async () => {
    let called = false;
    const { reads } = await look(
      () => {
        const unknown = pulumi.output(Promise.resolve(UNKNOWN_VALUE));
        return [
          getRoles({ like: unknown }).apply(() => {
            called = true;
          }),
          getRoles({ names: ["a", unknown] }),
          getTables({ schema: unknown }, { dependsOn: pulumi.output(Promise.resolve([])) }),
        ];
      },
      { preview: true },
    );
    assert.deepEqual([reads, called], [[], false]);
  });
});
