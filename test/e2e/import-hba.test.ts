import assert from "node:assert/strict";
import { importFrom, stackOf } from "./imported";
import { onOwnStacks } from "./own-stack";

const NAMED = "host all named 192.0.2.0/24 reject";

/** Lines as somebody wrote them, before those of initdb. */
const BY_HAND = [
  "# The office first\n",
  'local "all" all ident # \\\n a comment that goes on\n',
  "host  template1 \\\n      all 10.1.2.3/8   md5 # the office\n\n",
  'hostnossl all +readers 192.0.2.1/32 radius radiusservers="192.0.2.7" radiussecrets=s3cret\n',
  "host all other,named 192.0.2.0 255.255.255.0 reject\r\n",
  "host all named,other 192.0.2.0/24 reject\n",
].join("");

onOwnStacks({
  "lines of pg_hba.conf without a name: nothing to change, and taken over as they are once the configuration says so":
    async (stack, own) => {
      // Behind what lets the connection in: before that, it would not be certain that it still does.
      const include = own.version >= 16 ? "include_if_exists more.conf\n" : "";
      own.bytes = `${NAMED} # pgmob name=named order=-1\n${BY_HAND}${own.initial}${include}nonsense\n`;
      const broken = await importFrom(stack, ["--include", "HbaRule:*"]);
      assert.match(broken.said, /line \d+ of pg_hba\.conf is left alone: the server cannot read it/);

      const before = own.bytes.replace("nonsense\n", "");
      own.bytes = before;
      const imported = await importFrom(stack, ["--include", "HbaRule:*"]);
      const { program, said, file, secrets, resources } = imported;
      assert.match(said, /left alone: line \d+, which comes first, says the same/);
      if (own.version >= 16) assert.match(said, /line \d+ of pg_hba\.conf is left alone: it includes other files/);
      assert.deepEqual(
        resources.map(({ name }) => name),
        ["named"],
        "a line without a name cannot be in the state",
      );
      assert.deepEqual([...secrets.values()], ["s3cret"]);
      for (const text of [program, file, said]) assert.doesNotMatch(text, /s3cret/);

      const other = await stackOf(stack, imported);
      try {
        await other.preview({});
        await other.preview({}, { refresh: true });
        assert.equal(own.bytes, before);

        await other.workspace.setConfig("program:adoptHbaRules", "true");
        await other.workspace.setConfig("pgmob:showSql", "true");
        await other.workspace.setConfig("pgmob:previewChecks", "true");
        const create = Number(/(\d+) lines of pg_hba\.conf have no name yet/.exec(said)?.[1]);
        const plan = await other.preview({ create });
        assert.equal([...plan.matchAll(/pg_hba\.conf, take over, where it stands/g)].length, create - 1, plan);
        assert.match(plan, /sql *: \[secret\]/);
        assert.doesNotMatch(plan, /s3cret/);
        assert.equal(own.bytes, before);
        await other.up({ create });
        const named = own.bytes;
        assert.equal(withoutNames(named), withoutNames(before), "but for the names, every byte is as it was");
        assert.equal([...named.matchAll(/# pgmob name=/g)].length, create + 1);
        await other.up({});
        await other.preview({}, { refresh: true });
        assert.equal(own.bytes, named);

        // Let go, the file is as it was, but for the name that it had.
        await other.destroy();
        assert.equal(own.bytes, withoutNames(before));
      } finally {
        await other.close();
      }
    },
});

function withoutNames(bytes: string): string {
  return bytes.replaceAll(/ # pgmob name=[^\r\n]*/g, "");
}
