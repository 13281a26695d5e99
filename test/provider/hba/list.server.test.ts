import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidValueError, type ManagedHbaRule, RefusedError } from "../../../provider";
import { failure } from "../scene";
import { meddled, onOwnServers, SCRIPT } from "./own-server";

const LINE = "host all guest 127.0.0.1/32 trust";
const managed = (name: string, order: number): ManagedHbaRule => ({
  name,
  type: "local",
  databases: ["shop"],
  users: [name],
  method: "peer",
  order,
});

onOwnServers((own) => {
  test("lines are added and taken out, one or many, and are in force at once", async () => {
    const { hbaRules } = await own.connect();
    await own.ask("CREATE ROLE guest LOGIN");
    await hbaRules.insert(0, LINE);
    assert.deepEqual(
      [await hbaRules.has("host  all guest\t127.0.0.1/32 trust"), await own.letsIn("guest")],
      [true, true],
    );
    assert.equal(await hbaRules.remove(LINE), 1);
    assert.deepEqual([await hbaRules.has(LINE), await own.letsIn("guest")], [false, false]);
    await hbaRules.append(LINE);
    await hbaRules.extend([`${LINE} # 2`, "# 3"]);
    await hbaRules.extend("# 4");
    assert.equal(own.bytes, `${own.initial}${LINE}\n${LINE} # 2\n# 3\n# 4\n`);
    assert.equal(await own.letsIn("guest"), false, "the first match decides");
    assert.equal(await hbaRules.remove([LINE, `${LINE} # 2`, "# 3", "# 4", "# 5"]), 4);
    assert.equal(own.bytes, own.initial);
    const lines = [];
    for await (const line of hbaRules) lines.push(line);
    assert.equal(`${lines.join("\n")}\n`, own.initial);
  });

  test("each line comes with what the server reads in it", async () => {
    const { hbaRules } = await own.connect();
    await hbaRules.managed.create(managed("mine", 0));
    own.bytes = `# a comment\n\nhost\t"my db",all +staff 192.0.2.0 255.255.255.0 ldap ldapserver=x \\\n  ldapport=1 # why\nno rule\n${own.bytes}`;
    const lines = await hbaRules.parsed();
    assert.deepEqual(
      lines.slice(0, 4).map(({ line, rule }) => [line, rule]),
      [
        [1, undefined],
        [2, undefined],
        [
          3,
          {
            ...{ type: "host", databases: ["my db", "all"], users: [{ group: "staff" }] },
            ...{ address: "192.0.2.0", netmask: "255.255.255.0", method: "ldap" },
            options: { ldapserver: "x", ldapport: "1" },
          },
        ],
        [5, undefined],
      ],
    );
    const all: string[] = [];
    for await (const line of hbaRules) all.push(line);
    assert.deepEqual(
      lines.map(({ text }) => text),
      all,
    );
    assert.deepEqual(
      lines.flatMap(({ name, rule }) => (name === undefined ? [] : [[name, rule?.users, rule?.method]])),
      [["mine", ["mine"], "peer"]],
    );
  });

  test("several changes are one write, and the task runs again when another came first", async () => {
    const cluster = await own.connect();
    let [scripts, runs] = [0, 0];
    const list = meddled(cluster, SCRIPT, (_, count) => {
      scripts = count;
      if (count === 1) own.bytes = `# theirs\n${own.bytes}`;
    });
    const result = await list.alter((lines) => {
      runs++;
      lines.remove("# theirs");
      lines.insert(lines.indexOf("# IPv4 local connections:"), ["# mine", LINE]);
      lines.append(`${LINE} # end`);
      return lines.lines.length;
    });
    assert.equal(own.bytes, `${own.initial.replace("# IPv4", `# mine\n${LINE}\n# IPv4`)}${LINE} # end\n`);
    assert.deepEqual([result, runs, scripts], [own.bytes.split("\n").length - 1, 2, 3]);
  });

  test("managed rules stay last and first whatever is added, and can be taken out by their line", async () => {
    const { hbaRules } = await own.connect();
    await hbaRules.managed.create(managed("top", -1));
    await hbaRules.managed.create(managed("end", 0));
    await hbaRules.append(LINE);
    await hbaRules.insert(0, `${LINE} # 2`);
    const seen = [];
    for await (const { name, inPlace } of hbaRules.managed) seen.push(`${name} ${inPlace}`);
    assert.deepEqual(seen, ["top true", "end true"]);
    assert.match(
      own.bytes,
      /^local shop top .*\nhost all guest .* # 2\n(?:.*\n)*?.*\nhost all guest .*\nlocal shop end .*\n$/,
    );
    assert.equal(await hbaRules.remove("local shop end peer"), 1);
    assert.equal(await hbaRules.managed.observe("end"), undefined);
  });

  test("what the server cannot read, or would lock us out, is refused and changes nothing", async () => {
    const { hbaRules } = await own.connect();
    await failure(hbaRules.append(["# fine", "host nonsense"]), InvalidValueError);
    await failure(hbaRules.append("two\nlines"), InvalidValueError);
    await failure(hbaRules.insert(0, "host all all all reject"), RefusedError);
    await failure(
      hbaRules.alter((lines) => lines.remove(lines.lines)),
      Error,
    );
    await assert.rejects(
      hbaRules.alter(() => {
        throw new TypeError("the task's own");
      }),
      TypeError,
    );
    assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
  });

  test("rules that were moved, edited or deleted by hand show, and a change puts them right", async () => {
    const { hbaRules } = await own.connect();
    const names = ["a", "b", "c", "d"];
    for (const [order, name] of names.entries()) await hbaRules.managed.create(managed(name, order));
    const good = own.bytes;
    const line = (name: string) => good.match(new RegExp(`^.*name=${name} .*\n`, "m"))?.[0] as string;

    own.bytes = good.replace(line("a"), "").replace(line("c"), line("c") + line("a"));
    const moved = async () => Promise.all(names.map(async (name) => (await hbaRules.managed.observe(name))?.inPlace));
    assert.deepEqual(await moved(), [false, true, true, true]);
    await hbaRules.managed.alter("a", {});
    assert.equal(own.bytes, good);

    own.bytes = good.replace("shop b peer", "shop b trust").replace(line("c"), "").replace("shop d peer", "shop d");
    assert.equal((await hbaRules.managed.observe("b"))?.rule?.method, "trust");
    assert.equal(await hbaRules.managed.observe("c"), undefined);
    assert.deepEqual(
      [(await hbaRules.managed.observe("d"))?.rule, (await hbaRules.managed.observe("d"))?.inPlace],
      [undefined, true],
    );
    await Promise.all([
      hbaRules.managed.alter("b", managed("b", 1)),
      hbaRules.managed.create(managed("c", 2)),
      hbaRules.managed.alter("d", managed("d", 3)),
    ]);
    assert.equal(own.bytes, good);

    own.bytes = `${good}host all all 10.0.0.0/8 reject\n`;
    assert.deepEqual(await moved(), [false, false, false, false], "somebody's rule comes after them");
  });

  test("a line of somebody else is taken over where it stands, and given back as it was", async () => {
    const { hbaRules } = await own.connect();
    const theirs = "host\tall\t\tguest   127.0.0.1 255.255.255.255 trust # theirs\r\n";
    const before = theirs + own.initial;
    own.bytes = before;
    const rule = {
      name: "guest",
      type: "host",
      databases: ["all"],
      users: ["guest"],
      address: "127.0.0.1/32",
      method: "trust",
    } as const;
    const adopted = await hbaRules.managed.create(rule, { adopt: true });
    assert.deepEqual([adopted.line, adopted.place, adopted.inPlace, adopted.rule?.comment], [1, {}, true, "theirs"]);
    assert.equal(own.bytes, before.replace(" # theirs", " # theirs # pgmob name=guest"));
    await hbaRules.managed.drop("guest", { release: true });
    assert.equal(own.bytes, before);
  });
});
