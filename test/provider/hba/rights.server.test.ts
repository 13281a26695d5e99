import assert from "node:assert/strict";
import { test } from "node:test";
import { type ManagedHbaRule, PermissionError } from "../../../provider";
import { failure } from "../scene";
import { type OwnServer, onOwnServers } from "./own-server";

const RULE: ManagedHbaRule = {
  name: "a",
  type: "host",
  databases: ["shop"],
  users: ["app"],
  address: "10.0.0.0/8",
  method: "md5",
};
const SETTINGS = 'GRANT pg_read_all_settings, pg_execute_server_program TO "plain"';
const FUNCTIONS = [
  "pg_read_binary_file(text)",
  "pg_read_binary_file(text, bigint, bigint, boolean)",
  "pg_hba_file_rules()",
  "pg_reload_conf()",
].map((name) => `GRANT EXECUTE ON FUNCTION ${name} TO "plain"`);
const VIEW = 'GRANT SELECT ON pg_hba_file_rules TO "plain"';

/** Grants just what an error asks for. */
async function grant(own: OwnServer, error: PermissionError): Promise<void> {
  const [, statements = ""] = /^Let a superuser run: (.*)$/.exec(error.remedy ?? "") ?? [];
  await own.ask(statements.replace('in database "postgres", ', ""));
}

async function plainRole(own: OwnServer): Promise<{ user: string; password: string }> {
  await own.ask("CREATE ROLE plain LOGIN PASSWORD 'x12345'");
  return { user: "plain", password: "x12345" };
}

onOwnServers((own) => {
  test("every grant that is missing is named, and with them no superuser is needed", async () => {
    const { hbaRules } = await own.connect(await plainRole(own));
    const error = await failure(hbaRules.managed.create(RULE), PermissionError);
    assert.equal(error.sqlstate, "42501");
    assert.match(error.message, /^"plain" may not read and write pg_hba\.conf\. /);
    const all = [SETTINGS, `in database "postgres", ${FUNCTIONS[0]}`, ...FUNCTIONS.slice(1), VIEW];
    assert.equal(error.remedy, `Let a superuser run: ${all.join("; ")}`);
    await failure(hbaRules.has("x"), PermissionError);
    await grant(own, error);
    await hbaRules.managed.create(RULE);
    assert.equal((await hbaRules.managed.observe("a"))?.inPlace, true);
    await hbaRules.managed.drop("a");
    assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);

    await own.ask("REVOKE pg_execute_server_program FROM plain");
    await own.ask("REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM plain");
    assert.equal(await hbaRules.managed.observe("a"), undefined);
    const less = await failure(hbaRules.managed.create(RULE), PermissionError);
    assert.equal(
      less.remedy,
      'Let a superuser run: GRANT pg_execute_server_program TO "plain"; ' +
        'in database "postgres", GRANT EXECUTE ON FUNCTION pg_reload_conf() TO "plain"',
    );
    await own.ask("DROP OWNED BY plain; DROP ROLE plain");
  });

  test("on a managed service, the error says that nobody can", async () => {
    await own.ask("CREATE ROLE rds_superuser");
    const { hbaRules } = await own.connect(await plainRole(own));
    const error = await failure(hbaRules.managed.create(RULE), PermissionError);
    assert.match(
      error.message,
      /^this is a managed service \(it has a role "rds_superuser"\), on which nobody may read and write pg_hba\.conf\. /,
    );
    assert.match(error.message, /Let the service's own rules for its network decide who may connect$/);
    await own.ask("DROP ROLE plain; DROP ROLE rds_superuser");
  });
});

onOwnServers(
  (own) => {
    test("a file outside of the data directory needs pg_read_server_files, and only then it is asked for", async () => {
      const { hbaRules } = await own.connect(await plainRole(own));
      await grant(own, await failure(hbaRules.managed.create(RULE), PermissionError));
      const error = await failure(hbaRules.managed.create(RULE), PermissionError);
      assert.equal(error.remedy, 'Let a superuser run: GRANT pg_read_server_files TO "plain"');
      await grant(own, error);
      await hbaRules.managed.create(RULE);
      assert.match(own.bytes, /name=a order=0\n$/);
    });
  },
  { elsewhere: "etc/pg_hba.conf" },
);
