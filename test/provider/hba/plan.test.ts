import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AlreadyExistsError, InvalidValueError, NotFoundError, RefusedError } from "../../../provider";
import type { HbaDocument } from "../../../provider/hba/document";
import { alterRule, createRule, dropRule } from "../../../provider/hba/plan";
import type { ManagedHbaRule } from "../../../provider/hba/types";
import { documentOf, shortLine as line, placesOf as places, rule, shortRule as short } from "./samples";

/** What an edit makes of a file. */
function edited(file: string, edit: (document: HbaDocument) => unknown): string {
  const document = documentOf(file);
  edit(document);
  return Buffer.from(document.bytes, "latin1").toString("utf8");
}
const create =
  (changes: Partial<ManagedHbaRule> = {}, adopt = false) =>
  (document: HbaDocument) =>
    createRule(document, rule(changes), adopt);
describe("a new rule", () => {
  const APP = "hostssl shop app 10.0.0.0/8 scram-sha-256";
  const table: [what: string, file: string, changes: Partial<ManagedHbaRule>, expected: string][] = [
    ["in an empty file", "", {}, `${APP} # pgmob name=app order=0\n`],
    ["with a comment", "", { comment: "why \\" }, `${APP} # why \\ # pgmob name=app order=0\n`],
    [
      "after everybody else's last rule",
      "# c\nlocal x\n# end\n",
      {},
      `# c\nlocal x\n# end\n${APP} # pgmob name=app order=0\n`,
    ],
    ["with the ends of line of the file", "local x\r\n", {}, `local x\r\n${APP} # pgmob name=app order=0\r\n`],
    ["without a final end of line, where there was none", "local x", {}, `local x\n${APP} # pgmob name=app order=0`],
    ["behind a continued line", "local \\\nx", {}, `local \\\nx\n${APP} # pgmob name=app order=0`],
    ["behind a line that goes on with nothing", "local x\\\n", {}, `local x\\\n\n${APP} # pgmob name=app order=0`],
    [
      "before everybody else's first rule and its comments",
      "# head\n\n# about x\nlocal x\nlocal y\n",
      { order: -1 },
      `# head\n\n${APP} # pgmob name=app order=-1\n# about x\nlocal x\nlocal y\n`,
    ],
    ["before a directive", 'include "x"\n', { order: -1 }, `${APP} # pgmob name=app order=-1\ninclude "x"\n`],
    [
      "between others of ours, also where comments are between them",
      `${line("a")}# b\n${line("c", " order=2")}`,
      { order: 1 },
      `${line("a")}${APP} # pgmob name=app order=1\n# b\n${line("c", " order=2")}`,
    ],
    [
      "right before another",
      `local x\n${line("a")}${line("b")}`,
      { before: "b" },
      `local x\n${line("a")}${APP} # pgmob name=app order=0 before=b\n${line("b")}`,
    ],
    [
      "right after another that stays where it is",
      "local all a peer # pgmob name=a\nlocal x\n",
      { after: "a" },
      `local all a peer # pgmob name=a\n${APP} # pgmob name=app after=a\nlocal x\n`,
    ],
  ];
  for (const [what, file, changes, expected] of table) {
    it(what, () => assert.equal(edited(file, create(changes)), expected));
  }

  it("is refused when there is one of its name, when its place depends on itself, or when it is not fine", () => {
    assert.throws(() => edited(line("app"), create()), AlreadyExistsError);
    assert.throws(() => edited(line("b", " order=0 after=app"), create({ after: "b" })), {
      name: "InvalidValueError",
      message: 'HBA rule "app": its place depends on itself: "app", "b", "app". Give one of these rules an order',
    });
    assert.throws(() => edited("", create({ users: [] })), InvalidValueError);
    assert.throws(() => createRule(documentOf("", 15), rule({ users: [{ regex: "x" }] }), false), InvalidValueError);
  });

  it("is refused where the last line is to be continued by what would stand behind it", () => {
    for (const file of ["local x\\", "local x\0"]) {
      assert.throws(() => edited(file, create()), RefusedError);
      assert.equal(edited(file, create({ order: -1 })), `${APP} # pgmob name=app order=-1\n${file}`);
    }
  });

  it("that comes before the one it names moves beside it when that one comes", () => {
    const document = documentOf("local x\n");
    createRule(document, short("b", { before: "m" }), false);
    createRule(document, short("a"), false);
    assert.equal(places(document), "a b");
    createRule(document, short("m", { order: -1 }), false);
    assert.equal(document.bytes, `${line("b", " order=-1 before=m")}${line("m", " order=-1")}local x\n${line("a")}`);
  });
});

describe("adoption", () => {
  const FOREIGN = 'hostssl\t"shop"   app 10.0.0.0 255.0.0.0\tscram-sha-256';
  const table: [what: string, file: string, changes: Partial<ManagedHbaRule>, expected: string][] = [
    [
      "adds the marker and nothing else",
      `local x\n${FOREIGN}\nlocal y\n`,
      {},
      `local x\n${FOREIGN} # pgmob name=app\nlocal y\n`,
    ],
    ["keeps the comment", `${FOREIGN} #theirs \r\n`, {}, `${FOREIGN} #theirs  # pgmob name=app\r\n`],
    ["knows its own comment", `${FOREIGN} # mine`, { comment: "mine" }, `${FOREIGN} # mine # pgmob name=app`],
    [
      "changes what differs",
      `${FOREIGN} # theirs\n`,
      { comment: "mine" },
      "hostssl shop app 10.0.0.0/8 scram-sha-256 # mine # pgmob name=app\n",
    ],
    [
      "keeps the lines that it is written in",
      "hostssl shop app \\\n10.0.0.0/8 \\\nscram-sha-256\n",
      {},
      "hostssl shop app \\\n10.0.0.0/8 \\\nscram-sha-256 # pgmob name=app\n",
    ],
    [
      "moves it when its place is said",
      `${FOREIGN}\nlocal x\n`,
      { order: 3 },
      `local x\n${FOREIGN} # pgmob name=app order=3\n`,
    ],
    ["takes the first of several", `${FOREIGN}\n${FOREIGN}\n`, {}, `${FOREIGN} # pgmob name=app\n${FOREIGN}\n`],
    [
      "takes the rule of the name before any line",
      `${FOREIGN}\n${line("app", " order=7")}`,
      {},
      `${FOREIGN}\nhostssl shop app 10.0.0.0/8 scram-sha-256 # pgmob name=app order=7\n`,
    ],
    [
      "creates what is not there",
      "local x\n",
      {},
      "local x\nhostssl shop app 10.0.0.0/8 scram-sha-256 # pgmob name=app order=0\n",
    ],
  ];
  for (const [what, file, changes, expected] of table) {
    it(what, () => assert.equal(edited(file, create(changes, true)), expected));
  }

  it("leaves lines alone that cannot bear a marker, and those of other names", () => {
    for (const file of [
      'hostssl shop app 10.0.0.0/8 "scram-sha-256',
      "hostssl shop app 10.0.0.0/8 scram-sha-256 # pgmob name=b",
    ]) {
      assert.match(edited(`${file}\n`, create({}, true)), /\n.*# pgmob name=app order=0\n$/);
    }
  });

  it("a released line whose comment ends in a backslash does not go on in the next", () => {
    const ours = edited("local y\n", create({ comment: "why \\", order: -1 }));
    assert.equal(
      edited(ours, (document) => dropRule(document, "app", true)),
      "hostssl shop app 10.0.0.0/8 scram-sha-256 # why \\ \nlocal y\n",
    );
  });

  it("is undone by a release, byte for byte", () => {
    for (const end of ["\n", "\r\n", "", " #theirs \n", " #theirs\\\n more\n", " \\\n# more \\\n\n"]) {
      const file = `local x\n${FOREIGN}${end}`;
      const adopted = edited(file, create({}, true));
      assert.notEqual(adopted, file);
      assert.equal(
        edited(adopted, (document) => dropRule(document, "app", true)),
        file,
      );
    }
  });
});

describe("a change", () => {
  const FILE = `# head\n${line("top", " order=-1")}local x\n${line("a")}${line("b")}`;
  const alter = (name: string, changes: Partial<ManagedHbaRule>) => (document: HbaDocument) =>
    alterRule(document, name, short(name, changes));
  const table: [what: string, name: string, changes: Partial<ManagedHbaRule>, expected: string][] = [
    ["of nothing", "a", {}, FILE],
    ["of nothing, spelled otherwise", "a", { users: ["a", "a"], order: 0, options: {} }, FILE],
    ["of the rule", "a", { method: "md5" }, FILE.replace("local all a peer", "local all a md5")],
    ["of the comment", "a", { comment: "new" }, FILE.replace("local all a peer", "local all a peer # new")],
    [
      "of the order",
      "a",
      { order: 1 },
      `# head\n${line("top", " order=-1")}local x\n${line("b")}${line("a", " order=1")}`,
    ],
    [
      "to the other side",
      "b",
      { order: -2 },
      `# head\n${line("b", " order=-2")}${line("top", " order=-1")}local x\n${line("a")}`,
    ],
    [
      "to the side of another",
      "a",
      { after: "b" },
      `# head\n${line("top", " order=-1")}local x\n${line("b")}${line("a", " order=0 after=b")}`,
    ],
    [
      "of the name",
      "a",
      { name: "z", users: ["a"] },
      `# head\n${line("top", " order=-1")}local x\n${line("b")}${line("a").replace("name=a", "name=z")}`,
    ],
  ];
  for (const [what, name, changes, expected] of table) {
    it(what, () => assert.equal(edited(FILE, alter(name, changes)), expected));
  }

  it("of a name takes those along that stand beside it", () => {
    const file = `${line("m")}${line("n", " order=0 after=m")}`;
    const renamed = edited(file, alter("m", { name: "new", users: ["m"] }));
    assert.equal(renamed, `${line("m").replace("name=m", "name=new")}${line("n", " order=0 after=new")}`);
  });

  it("of an order gives it to those that stand by it", () => {
    const file = `local x\n${line("m")}${line("n", " order=0 after=m")}`;
    assert.equal(
      edited(file, alter("m", { order: -1 })),
      `${line("m", " order=-1")}${line("n", " order=-1 after=m")}local x\n`,
    );
  });

  it("is refused when there is no such rule, or one of the new name", () => {
    assert.throws(() => edited(FILE, alter("z", {})), NotFoundError);
    assert.throws(() => edited(FILE, alter("a", { name: "b" })), AlreadyExistsError);
    assert.throws(() => edited(line("n", " after=m") + line("m"), alter("m", { before: "n" })), InvalidValueError);
  });

  it("keeps a comment that is not declared, and takes one away that is to be none", () => {
    const file = line("a").replace("peer", "peer # words");
    assert.equal(edited(file, alter("a", { method: "md5" })), file.replace("peer", "md5"));
    for (const none of [null, "", " "]) assert.equal(edited(file, alter("a", { comment: none })), line("a"));
  });

  it("heals a line that the server cannot read, and one that somebody copied", () => {
    assert.equal(edited("local all # pgmob name=a order=0\nlocal x\n", alter("a", {})), `local x\n${line("a")}`);
    assert.equal(edited(`local x\n${line("a")}${line("a")}`, alter("a", {})), `local x\n${line("a")}`);
  });
});

describe("a drop", () => {
  it("takes the line out, and every copy of it", () => {
    assert.equal(
      edited(`local x\n${line("a")}${line("b")}${line("a")}`, (d) => dropRule(d, "a", false)),
      `local x\n${line("b")}`,
    );
  });
  it("of what is not there does nothing, and says so", () => {
    const document = documentOf(line("a"));
    assert.equal(dropRule(document, "b", false), false);
    assert.equal(document.bytes, line("a"));
  });
  it("leaves those that stood beside it with its order", () => {
    const file = `${line("m", " order=-1")}${line("n", " order=-1 after=m")}local x\n`;
    assert.equal(
      edited(file, (d) => dropRule(d, "m", false)),
      `${line("n", " order=-1 after=m")}local x\n`,
    );
  });
});
