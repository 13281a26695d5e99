import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { textOf } from "../../../provider/hba/bytes";
import { parseFile } from "../../../provider/hba/file";
import { readLine, renderRule } from "../../../provider/hba/rule";
import { tokenise } from "../../../provider/hba/tokens";
import type { HbaRule, HbaUser } from "../../../provider/hba/types";
import { anyName, HOSTILE, localRule, rule } from "./samples";

const bare = ({ name: _, ...rest }: ReturnType<typeof rule>): HbaRule => rest;
const render = (one: HbaRule, major = 18) => textOf(renderRule(one, major));
const read = (line: string, major = 18) => readLine(tokenise(Buffer.from(line).toString("latin1")).fields, major);

describe("each field is rendered exactly", () => {
  const table: [rule: HbaRule, line: string][] = [
    [rule(), "hostssl shop app 10.0.0.0/8 scram-sha-256"],
    [localRule(), "local all all peer"],
    [rule({ databases: ["a", "b"], users: ["c", "d"] }), "hostssl a,b c,d 10.0.0.0/8 scram-sha-256"],
    [rule({ address: "10.0.0.0", netmask: "255.0.0.0" }), "hostssl shop app 10.0.0.0 255.0.0.0 scram-sha-256"],
    [rule({ address: ".example.com" }), "hostssl shop app .example.com scram-sha-256"],
    [
      rule({ databases: ["all", "sameuser", "samerole", "replication"], users: ["all"] }),
      "hostssl all,sameuser,samerole,replication all 10.0.0.0/8 scram-sha-256",
    ],
    [
      rule({ databases: [{ name: "all" }, { name: "replication" }], users: [{ name: "all" }, { name: "sameuser" }] }),
      'hostssl "all","replication" "all","sameuser" 10.0.0.0/8 scram-sha-256',
    ],
    [
      rule({ users: [{ group: "ops" }, { group: "my ops" }, { group: "all" }] }),
      'hostssl shop +ops,+"my ops",+"all" 10.0.0.0/8 scram-sha-256',
    ],
    [
      rule({ databases: [{ file: "dbs" }, { file: "/etc/my dbs" }] }),
      'hostssl @dbs,@"/etc/my dbs" app 10.0.0.0/8 scram-sha-256',
    ],
    [
      rule({ users: [{ regex: '^a"b(c|d)$' }, { regex: "/" }] }),
      'hostssl shop "/^a""b(c|d)$","//" 10.0.0.0/8 scram-sha-256',
    ],
    [
      rule({
        method: "ldap",
        options: { ldapserver: "l", ldapbasedn: "dc=a, dc=b", ldapprefix: 'x"y#', ldapsuffix: "" },
      }),
      'hostssl shop app 10.0.0.0/8 ldap ldapbasedn="dc=a, dc=b" ldapprefix="x""y#" ldapserver=l ldapsuffix=',
    ],
    [rule({ netmask: null, options: null }), "hostssl shop app 10.0.0.0/8 scram-sha-256"],
  ];
  for (const [one, line] of table) it(line, () => assert.equal(render(one), line));
});

describe("a name is nothing but a name", () => {
  const table: [name: string, newest: string, oldest?: string][] = [
    ["app", "app"],
    ["App_1.x-y", "App_1.x-y"],
    ["1a", "1a"],
    ["+ops", '"+ops"'],
    ["@file", '"@file"'],
    ["a,b", '"a,b"'],
    ["a#b", '"a#b"'],
    ['a"b', '"a""b"'],
    ["samegroup", '"samegroup"'],
    ["naïve", '"naïve"'],
    ["-n", '"-n"'],
    ["/x", '"/^/x$"', '"/x"'],
    ["/.*", '"/^/\\.\\*$"', '"/.*"'],
    ["/a+b|c[d](e){f}^$?\\", '"/^/a\\+b\\|c\\[d\\]\\(e\\)\\{f\\}\\^\\$\\?\\\\$"', '"/a+b|c[d](e){f}^$?\\"'],
    ["line\nbreak", '"/^line\\nbreak$"', "-"],
  ];
  for (const [name, newest, oldest = newest] of table) {
    it(JSON.stringify(name), () => {
      assert.equal(render(rule({ users: [name] })), `hostssl shop ${newest} 10.0.0.0/8 scram-sha-256`);
      if (oldest === "-") return;
      assert.equal(render(rule({ users: [name] }), 15), `hostssl shop ${oldest} 10.0.0.0/8 scram-sha-256`);
      assert.equal(render(rule({ databases: [name] }), 15), `hostssl ${oldest} app 10.0.0.0/8 scram-sha-256`);
    });
  }

  for (const major of [14, 15, 16, 18]) {
    it(`on ${major} it is read back as that name, whatever it is, and its line stays one line`, () => {
      const names = fc
        .oneof(fc.constantFrom(...HOSTILE), anyName)
        .filter((name) => major >= 16 || !name.includes("\n"));
      fc.assert(
        fc.property(fc.uniqueArray(names, { minLength: 1, maxLength: 3 }), (all) => {
          const named = all.map((name) =>
            ["all", "sameuser", "samerole", "replication"].includes(name) ? { name } : name,
          );
          const one = bare(rule({ databases: named, users: named }));
          const bytes = renderRule(one, major);
          const [line, ...more] = parseFile(`${bytes} # end\nlocal all all trust\n`);
          assert.equal(more.length, 1);
          assert.deepEqual(readLine(tokenise(line?.text ?? "").fields, major), { kind: "rule", rule: one });
        }),
      );
    });
  }

  it("groups and files are read back, too", () => {
    const value = anyName.filter((name) => !/[\r\n]/.test(name));
    fc.assert(
      fc.property(value, value, value, (group, file, regex) => {
        const users: HbaUser[] = [{ group }, { file }, { regex: `${regex}x` }];
        const one = bare(rule({ users }));
        assert.deepEqual(read(render(one)), { kind: "rule", rule: one });
      }),
    );
  });
});

describe("a line is read as the server reads it", () => {
  const fine: [line: string, rule: HbaRule, major?: number][] = [
    ['"local" all "all" peer', localRule({ users: [{ name: "all" }] })],
    ["local samegroup sameuser peer", localRule({ databases: ["samerole"], users: [{ name: "sameuser" }] })],
    ["local +g +g peer", localRule({ databases: ["+g"], users: [{ group: "g" }] })],
    ['local "+g" "+g" peer', localRule({ databases: ["+g"], users: ["+g"] })],
    ['local /x "/x" peer', localRule({ databases: [{ regex: "x" }], users: [{ regex: "x" }] })],
    ['local /x "/x" peer', localRule({ databases: ["/x"], users: ["/x"] }), 15],
    ["local @a @b peer", localRule({ databases: [{ file: "a" }], users: [{ file: "b" }] })],
    ["local all all peer map=a=b", localRule({ options: { map: "a=b" } })],
    [
      "host all all 127.0.0.1 255.255.255.255 md5",
      {
        type: "host",
        databases: ["all"],
        users: ["all"],
        address: "127.0.0.1",
        netmask: "255.255.255.255",
        method: "md5",
      },
    ],
  ];
  for (const [line, one, major = 18] of fine) {
    it(`${line} on ${major}`, () => assert.deepEqual(read(line, major), { kind: "rule", rule: one }));
  }

  const other: [line: string, kind: string, major?: number][] = [
    ["", "nothing"],
    ["# local all all peer", "nothing"],
    ["include x", "include"],
    ['"include_dir" "a b"', "include"],
    ["include_if_exists x", "include"],
    ["include x", "unreadable", 15],
    ["include x y", "unreadable"],
    ["nonsense", "unreadable"],
    ["local,host all all peer", "unreadable"],
    ["local all", "unreadable"],
    ["local all all", "unreadable"],
    ["host all all md5", "unreadable"],
    ["host all all 10.0.0.1 md5", "unreadable"],
    ["host all all 10.1 255.0.0.0 md5", "unreadable"],
    ['host all all "all" md5', "unreadable"],
    ["host all all 10.0.0.0/8,10.0.0.0/8 md5", "unreadable"],
    ["local all all peer map", "unreadable"],
  ];
  for (const [line, kind, major = 18] of other) {
    it(`${JSON.stringify(line)} on ${major}: ${kind}`, () => assert.equal(read(line, major).kind, kind));
  }
});
