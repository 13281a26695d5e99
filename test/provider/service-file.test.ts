import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../provider";
import { serviceIn } from "../../provider/service-file";

const FILE = `# services
port=1
[other]
host=no
nonsense

  [shop] and whatever  \r
host=db.internal
# comment
  host=second
user=app=er
password= p w \t
options=-c search_path=a
keepalives=0
[shop]
dbname=late
`;

describe("a section of a service file", () => {
  it("has the parameters up to the next one, the first of a name, with all that follows the first =", () => {
    assert.deepEqual(serviceIn(FILE, "shop", "f"), {
      host: "db.internal",
      user: "app=er",
      password: " p w",
      options: "-c search_path=a",
    });
  });

  it("may be empty, or not there", () => {
    assert.deepEqual(serviceIn("[a]\n[b]\nhost=h", "a", "f"), {});
    for (const name of ["sho", "shop ", "Shop", ""]) assert.equal(serviceIn(FILE, name, "f"), undefined, name);
  });

  const refused: [text: string, line: number, why: RegExp][] = [
    ["[s]\nSECRET", 2, /is not "parameter=value"/],
    ["[s]\nldap://SECRET", 2, /is not "parameter=value"/],
    ["[s]\n\nservice=SECRET", 3, /names another service/],
    ["[s]\nhost = SECRET", 2, /has a parameter that is not supported: host$/],
    ["[s]\nnonsense=SECRET", 2, /has a parameter that is not supported: nonsense$/],
    ["[s]\nrequirepeer=SECRET", 2, /has a parameter that is not supported: requirepeer$/],
  ];
  for (const [text, line, why] of refused) {
    it(`refuses ${JSON.stringify(text)}, naming the line and no value`, () => {
      assert.throws(
        () => serviceIn(text, "s", "/etc/f"),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError);
          assert.match(error.message, new RegExp(`^service file /etc/f, line ${line}, `));
          assert.match(error.message, why);
          assert.doesNotMatch(error.message, /SECRET/);
          return true;
        },
      );
    });
  }
});
