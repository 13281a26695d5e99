import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../../provider";
import { Host } from "../../../provider/host";
import { Filter } from "../../../provider/import/filter";
import type { Found } from "../../../provider/import/found";
import { Report } from "../../../provider/import/report";
import { survey } from "../../../provider/import/survey";
import { onOwnServers } from "../hba/own-server";

/** What is found, as `Role a` or `Sequence db.schema.name`, and what is said. */
async function surveyed(cluster: Cluster, args: { include?: string[]; exclude?: string[] } = {}) {
  let said = "";
  const report = new Report({ write: (text: string) => (said += text) });
  const filter = new Filter(args, ["Role", "Database", "Schema", "Sequence", "ReplicationSlot", "HbaRule"]);
  const found = await survey({ host: Host.over(cluster), filter, report });
  return { names: found.map(nameOf), said, notes: report.notes };
}

function nameOf({ type, observed: { values }, place, foreign }: Found): string {
  const path = [...(type.perDatabase ? [place.database] : []), ...type.key.map((name) => values[name])];
  return `${type.type} ${path.join(".")}${foreign ? " (without a name yet)" : ""}`;
}

onOwnServers((own) => {
  describe("a survey of a server", () => {
    it("finds what somebody has made, and says what it leaves out", async () => {
      await own.ask("CREATE ROLE app");
      await own.ask("CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'x'");
      await own.ask("CREATE DATABASE shop");
      await own.ask("CREATE DATABASE closed ALLOW_CONNECTIONS false");
      await own.ask("CREATE DATABASE bytes TEMPLATE template0 ENCODING SQL_ASCII");
      const shop = { database: "shop" };
      await own.ask("CREATE SCHEMA sales", shop);
      await own.ask("CREATE TABLE sales.t (id int8 GENERATED ALWAYS AS IDENTITY, no serial)", shop);
      await own.ask("CREATE EXTENSION plpgsql", shop).catch(() => undefined); // it is there already
      await own.ask("CREATE SCHEMA belongs; ALTER EXTENSION plpgsql ADD SCHEMA belongs", shop);
      await own.ask(`DO $$ BEGIN EXECUTE 'CREATE SCHEMA ' || quote_ident(chr(233)); END $$`, { database: "bytes" });
      await own.ask("SELECT pg_create_physical_replication_slot('standby')");
      try {
        const cluster = await own.connect({ become: "boss" });
        const { names, notes } = await surveyed(cluster, { exclude: ["HbaRule:*"] });
        assert.deepEqual(names, [
          ...["Role app", "Database bytes", "Database closed", "Database shop", "ReplicationSlot standby"],
          ...["Schema shop.sales", "Sequence shop.sales.t_no_seq"],
        ]);
        assert.deepEqual(notes, [
          'database "closed" takes no connections: what is in it is left out',
          'database "bytes" is left out, with everything in it: invalid byte sequence for encoding "UTF8": 0xe9',
        ]);
        const roles = await surveyed(cluster, { include: ["Role:*"] });
        assert.deepEqual([roles.names, roles.notes], [["Role app"], []]);
      } finally {
        await own.ask("SELECT pg_drop_replication_slot('standby')");
        for (const name of ["shop", "closed", "bytes"]) await own.ask(`DROP DATABASE ${name} WITH (FORCE)`);
        for (const name of ["app", "boss"]) await own.ask(`DROP ROLE ${name}`);
      }
    });

    it("goes on where it may not connect to a database, or read pg_hba.conf", async () => {
      await own.ask("CREATE ROLE lesser LOGIN PASSWORD 'lesser'");
      await own.ask("CREATE DATABASE private");
      await own.ask("REVOKE CONNECT ON DATABASE private FROM PUBLIC");
      try {
        const cluster = await own.connect({ user: "lesser", password: "lesser" });
        const { names, notes } = await surveyed(cluster);
        assert.deepEqual(names, ["Database private"]);
        assert.equal(notes.length, 2, notes.join("\n"));
        assert.match(notes[0] ?? "", /^database "private" is left out, with everything in it: .*permission denied/);
        assert.match(notes[1] ?? "", /^pg_hba\.conf is left out: /);
      } finally {
        await own.ask("DROP DATABASE private WITH (FORCE)");
        await own.ask("DROP ROLE lesser");
      }
    });

    it("asks the server as often however much is there, databases side by side, and says how far it is", async () => {
      const asked = async () => {
        const before = (await own.server.log()).length;
        const cluster = await own.connect({ applicationName: "surveyor", maxConnections: 3 });
        const { names, said } = await surveyed(cluster, { include: ["Role:many*", "Sequence:many*"] });
        const log = (await own.server.log()).slice(before);
        return { count: names.length, asks: log.match(/ surveyor LOG: {2}(statement|execute)/g)?.length ?? 0, said };
      };
      const databases = ["many_a", "many_b", "many_c", "many_d"];
      for (const name of databases) await own.ask(`CREATE DATABASE ${name}`);
      const fill = async (from: number, to: number) => {
        const each = (what: string) =>
          `DO $$ BEGIN FOR i IN ${from}..${to} LOOP EXECUTE '${what}' || i; END LOOP; END $$`;
        await own.ask(each("CREATE ROLE many"));
        for (const database of databases) await own.ask(each("CREATE SEQUENCE many"), { database });
      };
      try {
        await fill(1, 2);
        const few = await asked();
        assert.equal(few.count, 10);
        await fill(3, 300);
        const many = await asked();
        assert.equal(many.count, 1500);
        // A connection that was closed meanwhile is set up again.
        assert.ok(many.asks < few.asks + 10, `${few.asks} questions about 10 objects, ${many.asks} about 1500`);
        assert.match(many.said, /^roles: 3\d\d of 3\d\d$/m);
        assert.match(many.said, /^databases that were looked into: 5 of 5$/m);
      } finally {
        for (const name of databases) await own.ask(`DROP DATABASE ${name} WITH (FORCE)`);
        await own.ask("DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE 'DROP ROLE many' || i; END LOOP; END $$");
      }
    });
  });
});
