import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RefusedError } from "../../../provider";
import { refuseLockout } from "../../../provider/hba/guard";
import { type Answer, type Login, matches } from "../../../provider/hba/match";
import type { HbaRule } from "../../../provider/hba/types";
import { documentOf } from "./samples";

const login = (changes: Partial<Login> = {}): Login => ({
  user: "deployer",
  database: "postgres",
  address: "10.1.2.3",
  serverAddress: "10.9.9.9",
  tls: false,
  gssEncrypted: false,
  groups: new Set(["deployer", "ops"]),
  scramVerifier: true,
  ...changes,
});
const HOST: HbaRule = { type: "host", databases: ["all"], users: ["all"], address: "all", method: "md5" };

describe("whether a rule matches a login", () => {
  const socket = { address: undefined, serverAddress: undefined };
  const table: [rule: Partial<HbaRule>, login: Partial<Login>, answer: Answer][] = [
    [{}, {}, "yes"],
    [{ type: "local" }, {}, "no"],
    [{ type: "local" }, socket, "yes"],
    [{}, socket, "no"],
    [{ type: "hostssl" }, {}, "no"],
    [{ type: "hostssl" }, { tls: true }, "yes"],
    [{ type: "hostnossl" }, { tls: true }, "no"],
    [{ type: "hostnossl" }, {}, "yes"],
    [{ type: "hostgssenc" }, {}, "no"],
    [{ type: "hostgssenc" }, { gssEncrypted: true }, "yes"],
    [{ type: "hostnogssenc" }, { gssEncrypted: true }, "no"],
    [{ type: "hostnogssenc" }, {}, "yes"],
    [{ address: "10.0.0.0/8" }, {}, "yes"],
    [{ address: "10.0.0.0", netmask: "255.0.0.0" }, {}, "yes"],
    [{ address: "11.0.0.0/8" }, {}, "no"],
    [{ address: "::/0" }, {}, "no"],
    [{ address: "fe80::/10" }, { address: "fe80::1" }, "yes"],
    [{ address: "db.example.com" }, {}, "unknown"],
    [{ address: ".example.com" }, {}, "unknown"],
    [{ address: "samehost" }, {}, "unknown"],
    [{ address: "samehost" }, { serverAddress: "10.1.2.3" }, "yes"],
    [{ address: "samenet" }, {}, "unknown"],
    [{ address: "samenet" }, { address: "::1", serverAddress: "::1" }, "yes"],
    [{ users: ["deployer"] }, {}, "yes"],
    [{ users: ["other"] }, {}, "no"],
    [{ users: ["Deployer"] }, {}, "no"],
    [{ users: [{ name: "all" }] }, {}, "no"],
    [{ users: [{ name: "all" }] }, { user: "all" }, "yes"],
    [{ users: [{ group: "ops" }] }, {}, "yes"],
    [{ users: [{ group: "deployer" }] }, {}, "yes"],
    [{ users: [{ group: "dba" }] }, {}, "no"],
    [{ users: [{ regex: "^d" }] }, {}, "unknown"],
    [{ users: [{ file: "f" }] }, {}, "unknown"],
    [{ users: [{ file: "f" }, "deployer"] }, {}, "yes"],
    [{ users: [{ file: "f" }, "other"] }, {}, "unknown"],
    [{ databases: ["postgres"] }, {}, "yes"],
    [{ databases: ["shop", "other"] }, {}, "no"],
    [{ databases: ["sameuser"] }, {}, "no"],
    [{ databases: ["sameuser"] }, { database: "deployer" }, "yes"],
    [{ databases: ["samerole"] }, {}, "no"],
    [{ databases: ["samerole"] }, { database: "ops" }, "yes"],
    [{ databases: ["replication"] }, {}, "no"],
    [{ databases: [{ name: "replication" }] }, { database: "replication" }, "yes"],
    [{ databases: [{ regex: "^p" }] }, {}, "unknown"],
    [{ databases: [{ file: "f" }] }, {}, "unknown"],
    [{ databases: [{ regex: "^p" }], users: ["other"] }, {}, "no"],
    [{ databases: [{ regex: "^p" }], address: "db.example.com" }, {}, "unknown"],
  ];
  for (const [rule, changes, answer] of table) {
    it(`${JSON.stringify(rule)} and ${JSON.stringify(changes)}: ${answer}`, () => {
      assert.equal(matches({ ...HOST, ...rule }, login(changes)), answer);
    });
  }
});

describe("a change of the file", () => {
  const check =
    (before: string, after: string, changes: Partial<Login> = {}) =>
    () =>
      refuseLockout(documentOf(before), documentOf(after), login(changes));
  const ALLOW = "host all all all scram-sha-256\n";

  const fine: [what: string, before: string, after: string, login?: Partial<Login>][] = [
    ["that adds a line for others", ALLOW, `host all other all reject\n${ALLOW}`],
    ["that adds a line behind", ALLOW, `${ALLOW}host all all all reject\n`],
    [
      "that adds a line for another database, address, or kind of connection",
      ALLOW,
      `host a all all reject\nhost all all 11.0.0.0/8 reject\nlocal all all reject\nhostssl all all all reject\n${ALLOW}`,
    ],
    ["that lets everybody in", ALLOW, "host all all all trust\n"],
    ["from one password method to another", ALLOW, "host all all all md5\n"],
    ["to scram-sha-256, for which the password is stored", "host all all all md5\n", ALLOW],
    ["that splits the line that lets us in", ALLOW, `host all deployer all scram-sha-256\n${ALLOW}`],
    [
      "that keeps method and options",
      "host all all all ldap ldapserver=a\n",
      "host all deployer all ldap ldapserver=a\n",
    ],
    ["that gives back what was rejected", `host all all all reject\n${ALLOW}`, ALLOW],
    [
      "behind whose deciding line nothing can be told",
      `${ALLOW}include "x"\nhost all all db.example.com reject\n`,
      `host all other all reject\n${ALLOW}include "y"\nhost all "/x" all reject\n`,
    ],
    ["that takes what cannot be told away from behind it", `${ALLOW}host all all db.example.com reject\n`, ALLOW],
    ["that gives back what no line matched", "local all all peer\n", ALLOW],
    [
      "that repairs a line of ours which somebody made unreadable",
      `hots all all # pgmob name=x order=-1\n${ALLOW}`,
      `host all other all trust # pgmob name=x order=-1\n${ALLOW}`,
    ],
  ];
  for (const [what, before, after, changes] of fine) {
    it(`${what} is fine`, () => assert.doesNotThrow(check(before, after, changes)));
  }

  const refused: [what: string, before: string, after: string, reason: RegExp, login?: Partial<Login>][] = [
    [
      "that rejects us",
      ALLOW,
      `host all all all reject\n${ALLOW}`,
      /line 1 of pg_hba\.conf \(host all all all reject\) would reject it/,
    ],
    [
      "beside a line that rejects us already",
      `host all all all reject\n${ALLOW}`,
      `host all all all reject\nlocal all all peer\n${ALLOW}`,
      /would reject it/,
    ],
    ["that takes the only line away", ALLOW, "local all all peer\n", /no line of pg_hba\.conf would match it/],
    ["that leaves nothing", ALLOW, "# empty\n", /no line/],
    [
      "to another authentication",
      ALLOW,
      "host all all all ldap ldapserver=a\n",
      /line 1 .* would ask for another authentication \(ldap\)/,
    ],
    [
      "to other options",
      "host all all all ldap ldapserver=a\n",
      "host all all all ldap ldapserver=b\n",
      /another authentication/,
    ],
    ["to a password, from none", "host all all all trust\n", ALLOW, /another authentication \(scram-sha-256\)/],
    [
      "to scram-sha-256, for which the password is not stored",
      "host all all all md5\n",
      ALLOW,
      /another authentication/,
      { scramVerifier: false },
    ],
    [
      "to scram-sha-256, not knowing how the password is stored",
      "host all all all md5\n",
      ALLOW,
      /another authentication/,
      { scramVerifier: undefined },
    ],
    [
      "to a client certificate beside the password",
      "hostssl all all all md5\n",
      "hostssl all all all md5 clientcert=verify-ca\n",
      /another authentication/,
      { tls: true },
    ],
    [
      "that adds before it what cannot be told",
      ALLOW,
      `host all all db.example.com md5\n${ALLOW}`,
      /line 1 of pg_hba\.conf \(host all all db\.example\.com md5\) perhaps decides/,
    ],
    ["that adds a regular expression before it", ALLOW, `host all "/^d" all reject\n${ALLOW}`, /perhaps decides/],
    [
      "that takes away a line of others that cannot be read",
      `hots all all\n${ALLOW}`,
      ALLOW,
      /another authentication|perhaps decides/,
    ],
    [
      "that leaves what cannot be told before it as it is",
      `host all all db.example.com md5\n${ALLOW}`,
      `host all all db.example.com md5\nhost all other all reject\n${ALLOW}`,
      /line 1 of pg_hba\.conf \(host all all db\.example\.com md5\) perhaps decides/,
    ],
    [
      "behind a file of names that it does not touch",
      `host all @names all reject\n${ALLOW}`,
      `host all @names all reject\n${ALLOW}local all all peer\n`,
      /line 1 .* perhaps decides/,
    ],
    [
      "behind a directive that it does not touch",
      `include "x"\n${ALLOW}`,
      `include "x"\n${ALLOW}local all all reject\n`,
      /line 1 of pg_hba\.conf perhaps decides/,
    ],
    [
      "where only what cannot be told lets us in",
      "host all all db.example.com md5\n",
      "host all all db.example.com md5\nlocal all all peer\n",
      /line 1 .* perhaps decides/,
    ],
    [
      "that puts what cannot be told before what was rejected",
      `host all all all reject\n`,
      `host all all db.example.com md5\nhost all all all reject\n`,
      /line 1 .* perhaps decides/,
    ],
    ["that adds a directive before it", ALLOW, `include "x"\n${ALLOW}`, /line 1 of pg_hba\.conf perhaps decides/],
    [
      "that takes what cannot be told away",
      `include "x"\ninclude "y"\n${ALLOW}`,
      `include "y"\n${ALLOW}`,
      /perhaps decides/,
    ],
    [
      "that reorders what cannot be told",
      `host all all a.example md5\nhost all all b.example reject\n${ALLOW}`,
      `host all all b.example reject\nhost all all a.example md5\n${ALLOW}`,
      /perhaps decides/,
    ],
  ];
  for (const [what, before, after, reason, changes] of refused) {
    it(`${what} is refused`, () => {
      assert.throws(check(before, after, changes), (error: Error) => {
        assert.ok(error instanceof RefusedError);
        assert.match(error.message, reason);
        assert.match(error.message, /role deployer to database postgres from 10\.1\.2\.3\. .*set allowLockout: true/);
        return true;
      });
    });
  }

  it("says no secret", () => {
    const line = "host all all all radius radiusservers=a radiussecrets=s3cret # s3cret\n";
    assert.throws(check(ALLOW, line), (error: Error) => !error.message.includes("s3cret"));
  });
});
