/** The policy pack of examples/policies, run by the policy SDK, on what the SDK registers for resources of this package. */

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { Database, HbaRule, type HbaRuleArgs, Role, Schema } from "../../resources";
import { Repository, readBlocks } from "../pipelines/repository";
import { UNKNOWN } from "../provider/samples";
import { register } from "../resources/register";
import { engines } from "../support/workspace";
import { Analyzer, type PackConfig, type Seen } from "./analyzer";

const PACK = path.join(__dirname, "..", "..", "..", "examples", "policies");

let pack: Analyzer;

before(async () => {
  pack = await Analyzer.start(PACK);
});
beforeEach(() => pack.configure({}));
after(() => pack.stop());

/** What the engine sends to policies of what a program declares: no properties that begin with two underscores. */
async function seen(declare: () => pulumi.Resource[]): Promise<Seen[]> {
  const { requests } = await register(declare);
  return requests.map(({ type, name, properties }) => {
    const { __provider, ...rest } = properties;
    return { type, name, properties: rest };
  });
}

/** What the pack says, in order: each policy, the resource, and the message without the description that leads it. */
async function violations(resources: readonly Seen[], config: PackConfig = {}): Promise<string[]> {
  await pack.configure(config);
  const found = await pack.findings(resources);
  return found
    .map(({ policy, about, message }) => `${policy}, ${about}: ${message.split("\n").slice(1).join("\n")}`)
    .sort();
}

/** A program, and all that the pack has to say about it. */
interface Case {
  readonly what: string;
  readonly declare: () => pulumi.Resource[];
  readonly found: readonly string[];
  readonly config?: PackConfig;
}

function table(cases: readonly Case[]): void {
  for (const { what, declare, found, config } of cases) {
    it(what, async () => assert.deepEqual(await violations(await seen(declare), config), found));
  }
}

const rule = (name: string, args: Partial<HbaRuleArgs>) =>
  new HbaRule(name, {
    ...{ type: "host", databases: ["all"], users: ["app"], address: "10.0.0.0/8", method: "scram-sha-256" },
    ...args,
  } as HbaRuleArgs);

it("says which policies there are, and what can be set of each", async () => {
  assert.deepEqual(await pack.policies(), {
    "no-superuser": ["allowed", "superusers"],
    "hba-methods": ["refused"],
    passwords: ["exempt"],
    "database-owners": ["logins", "undeclared"],
  });
});

describe("no-superuser", () => {
  const superuser = (who: string) =>
    `no-superuser, ${who}: Role "${who}" is a superuser. Declare what it needs instead: createDatabase, createRole, memberOf.`;
  const member = 'no-superuser, dba: Role "dba" is a member of the superuser "postgres".';
  table([
    { what: "a superuser", declare: () => [new Role("root", { superuser: true })], found: [superuser("root")] },
    { what: "one that is none", declare: () => [new Role("a", { superuser: false }), new Role("b")], found: [] },
    {
      what: "members of a superuser",
      declare: () => [
        new Role("dba", { memberOf: ["owner", "postgres"] }),
        new Role("dba", { memberOf: [{ role: "postgres", inherit: false }] }),
        new Role("fine", { memberOf: ["owner", { role: "pg_monitor" }] }),
      ],
      found: [member, member],
    },
    {
      what: "one that is allowed to be",
      declare: () => [new Role("root", { superuser: true }), new Role("other", { superuser: true })],
      config: { "no-superuser": { allowed: ["root"] } },
      found: [superuser("other")],
    },
    {
      what: "a superuser of another name",
      declare: () => [new Role("dba", { memberOf: ["postgres"] }), new Role("b", { memberOf: ["rdsadmin"] })],
      config: { "no-superuser": { superusers: ["rdsadmin"] } },
      found: ['no-superuser, b: Role "b" is a member of the superuser "rdsadmin".'],
    },
    {
      what: "a hostile name",
      declare: () => [new Role("x", { name: 'a"\nb', superuser: true })],
      found: [superuser("x").replace('"x"', '"a\\"\\nb"')],
    },
  ]);

  it("says so when it is not known yet in a preview", async () => {
    const resources = await seen(() => [new Role("root", { superuser: true })]);
    const unknown = resources.map((one) => ({ ...one, properties: { ...one.properties, superuser: UNKNOWN } }));
    const [finding] = await pack.findings(unknown);
    assert.equal(finding?.level, "advisory");
    assert.match(finding?.message ?? "", /can't run policy 'no-superuser' .* string value at \.superuser/);
  });
});

describe("hba-methods", () => {
  const found = (name: string, method: string) =>
    `hba-methods, ${name}: HBA rule "${name}" has the method ${method}. Use scram-sha-256.`;
  table([
    {
      what: "trust and md5",
      declare: () => [rule("a", { method: "trust" }), rule("b", { method: "md5" }), rule("c", {})],
      found: [found("a", "trust"), found("b", "md5")],
    },
    {
      what: "other methods are refused when it is said which",
      declare: () => [rule("a", { method: "password" }), rule("b", { method: "md5" })],
      config: { "hba-methods": { refused: ["password"] } },
      found: [found("a", "password")],
    },
  ]);
});

describe("passwords", () => {
  const missing = (who: string) => `passwords, ${who}: Role "${who}" logs in, and no password is declared for it.`;
  const cert = (args: Partial<HbaRuleArgs>) => [
    new Role("app", { login: true }),
    rule("r", { method: "cert", ...args }),
  ];
  table([
    {
      what: "a login without a password, or with none",
      declare: () => [new Role("a", { login: true }), new Role("b", { login: true, password: null })],
      found: [missing("a"), missing("b")],
    },
    {
      what: "a login with a password, and roles that cannot log in",
      declare: () => [new Role("a", { login: true, password: "p" }), new Role("b"), new Role("c", { login: false })],
      found: [],
    },
    {
      what: "a login that is exempt",
      declare: () => cert({ users: ["other"] }),
      config: { passwords: { exempt: ["app"] } },
      found: [],
    },
    ...(["cert", "peer", "ldap", "oauth"] as const).map((method) => ({
      what: `a rule lets it in by ${method}`,
      declare: () => cert({ method }),
      found: [],
    })),
    ...(["scram-sha-256", "password", "reject"] as const).map((method) => ({
      what: `a rule that lets it in by ${method} is none that needs no password`,
      declare: () => cert({ method }),
      found: [missing("app")],
    })),
    { what: "a rule for everybody", declare: () => cert({ users: ["all"] }), found: [] },
    { what: "a rule for a name", declare: () => cert({ users: ["other", { name: "app" }] }), found: [] },
    { what: "a rule for a group of its own name", declare: () => cert({ users: [{ group: "app" }] }), found: [] },
    {
      what: "a rule for a group that it is a member of",
      declare: () => [
        new Role("app", { login: true, memberOf: [{ role: "readers" }] }),
        new Role("web", { login: true, memberOf: ["readers"] }),
        new Role("else", { login: true, memberOf: ["writers"] }),
        rule("r", { method: "cert", users: [{ group: "readers" }] }),
      ],
      found: [missing("else")],
    },
    {
      what: "a rule for somebody else",
      declare: () => cert({ users: ["other", { group: "g" }] }),
      found: [missing("app")],
    },
    {
      what: "a rule for somebody called all",
      declare: () => cert({ users: [{ name: "all" }] }),
      found: [missing("app")],
    },
    {
      what: "a regular expression is not tried",
      declare: () => cert({ users: [{ regex: ".*" }] }),
      found: [missing("app")],
    },
  ]);

  it("takes a password that is not known yet for one, and never shows any", async () => {
    const resources = await seen(() => [new Role("a", { login: true, password: "s3cret", superuser: true })]);
    assert.match(JSON.stringify(resources), /s3cret/);
    const found = await pack.findings(resources);
    assert.doesNotMatch(JSON.stringify([found, pack.printed]), /s3cret/);
    const unknown = resources.map((one) => ({ ...one, properties: { ...one.properties, password: UNKNOWN } }));
    assert.deepEqual(await violations(unknown, { "no-superuser": { level: "disabled" } }), []);
  });
});

describe("database-owners", () => {
  const logsIn = (database: string, owner: string) =>
    `database-owners, ${database}: Database "${database}" is owned by "${owner}", which logs in. Let a role own it that does not.`;
  const app = () => new Role("app", { login: true, password: "p" });
  const database = (name: string, owner?: pulumi.Input<string>) => new Database(name, { owner });
  table([
    {
      what: "an owner that logs in, before and behind its role",
      declare: () => {
        const role = app();
        return [database("a", "app"), role, database("b", role.name), database("c", "postgres")];
      },
      found: [logsIn("a", "app"), logsIn("b", "app"), logsIn("c", "postgres")],
    },
    {
      what: "an owner that does not log in, and one of which nothing is known",
      declare: () => [new Role("owner"), app(), database("a", "owner"), database("b", "elsewhere")],
      found: [],
    },
    {
      what: "an owner that is known to log in",
      declare: () => [database("a", "elsewhere"), database("b", "postgres")],
      config: { "database-owners": { logins: ["elsewhere"] } },
      found: [logsIn("a", "elsewhere")],
    },
    {
      what: "no declared owner",
      declare: () => [database("a")],
      found: ['database-owners, a: Database "a" has no declared owner, and so belongs to the login that creates it.'],
    },
    {
      what: "no declared owner, where that is fine",
      declare: () => [database("a"), app(), database("b", "app")],
      config: { "database-owners": { undeclared: true } },
      found: [logsIn("b", "app")],
    },
  ]);
});

it("is mandatory, unless a policy is configured to be less", async () => {
  const resources = await seen(() => [new Role("root", { superuser: true, login: true })]);
  const levels = async () => (await pack.findings(resources)).map(({ policy, level }) => `${policy}: ${level}`);
  assert.deepEqual(await levels(), ["no-superuser: mandatory", "passwords: mandatory"]);
  await pack.configure({ "no-superuser": { level: "advisory" }, passwords: { level: "disabled" } });
  assert.deepEqual(await levels(), ["no-superuser: advisory"]);
});

it("has nothing to say about what is not of this package, nor about what needs no policy", async () => {
  const properties = { name: "x", superuser: true, login: true, method: "trust" };
  const others = [
    "postgresql:index/role:Role",
    "pulumi-nodejs:dynamic/other:Role",
    "pulumi-nodejs:dynamic/pgmob:Roles",
  ];
  assert.deepEqual(await violations(others.map((type) => ({ type, name: "x", properties }))), []);
  assert.deepEqual(await violations(await seen(() => [new Schema("s", { database: "d" })])), []);
});

it("takes what older engines send as well: the text of the provider among the properties", async () => {
  const { requests } = await register(() => [new Role("root", { superuser: true })]);
  assert.ok("__provider" in requests[0]!.properties);
  assert.equal((await violations(requests)).length, 1);
});

it("says the same of what the server has computed as well", async () => {
  const inputs = await seen(() => [new Role("a", { login: true, password: "p" }), new Database("d", { owner: "a" })]);
  const computed = { oid: 16384, systemIdentifier: "7", passwordHash: "h", adopted: true };
  const outputs = inputs.map((one) => ({ ...one, properties: { ...one.properties, ...computed } }));
  assert.deepEqual(await violations(outputs), await violations(inputs));
});

for (const kind of engines.filter((one) => one === "cli")) {
  it("is what the README's commands make of it, with the Pulumi CLI", async () => {
    const repository = await Repository.create(kind);
    try {
      const [folder, stack, policies] = readBlocks().filter(({ language }) => language === "sh");
      const [program] = readBlocks().filter(({ language }) => language === "ts");
      const follow = (commands = "") =>
        repository.follow(commands, 1, { "pgmob:password": "s3cret", appPassword: "s3cret" }, "passphrase");
      assert.equal((await follow(folder?.text)).code, 0);
      await repository.write("index.ts", program?.text ?? "");
      assert.equal((await follow(stack?.text)).code, 0);
      cpSync(PACK, path.join(repository.folder, "policies"), { recursive: true });
      const fine = await follow(policies?.text);
      assert.equal(fine.code, 0, fine.output);

      await repository.edit("index.ts", "login: true", "login: true, superuser: true");
      await repository.edit("index.ts", "owner: owner.name", "owner: app.name");
      const refused = await follow(policies?.text);
      assert.notEqual(refused.code, 0, refused.output);
      assert.match(refused.output, /\[mandatory\] {2}no-superuser .*Role: app\)/);
      assert.match(refused.output, /Role "shop_app" is a superuser\. Declare what it needs instead/);
      assert.match(refused.output, /Database "shop" is owned by "shop_app", which logs in\./);
      assert.doesNotMatch(refused.output, /s3cret/);

      const settings = { "no-superuser": { allowed: ["shop_app"] }, "database-owners": "advisory" };
      await repository.write("policies/settings.json", JSON.stringify(settings));
      const advised = await follow(`${policies?.text.trimEnd()} --policy-pack-config policies/settings.json`);
      assert.equal(advised.code, 0, advised.output);
      assert.match(advised.output, /\[advisory\] {2}database-owners/);
      assert.doesNotMatch(advised.output, /is a superuser/);
    } finally {
      await repository.close();
    }
  });
}
