/** The connections of PostgreSQL's programs are among those that a Provider may have. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidValueError } from "../../../provider";
import type { FinalBackup, RestoreFrom } from "../../../provider/objects/database-backup";
import { uniqueName } from "../../support/postgres-fixture";
import { watch } from "../sampler";
import { failure, onEachServer, type Scene } from "../scene";
import { filled, inFolder, names, withClients } from "./scene";

/** A superuser of one's own, by whose name sessions are counted: programs on the server's host tell their own application. */
async function superuser(scene: Scene): Promise<{ user: string; password: string }> {
  const login = { user: uniqueName("operator"), password: "s3cret operator" };
  await scene.ask(`CREATE ROLE ${login.user} SUPERUSER LOGIN PASSWORD '${login.password}'`);
  return login;
}

for (const maxConnections of [3, 5]) {
  withClients(
    `never more than ${maxConnections} sessions while programs back up and restore`,
    onEachServer,
    (scene, clientPath) =>
      inFolder(async (folder) => {
        const login = await superuser(scene);
        const cluster = await scene.connect({ ...login, maxConnections });
        const jobs = maxConnections - 2;
        const at = (where: "client" | "server", file: string) =>
          ({ at: where, path: join(folder, file), clientPath }) as const;
        const ways: [FinalBackup, RestoreFrom][] = [
          [at("client", "a"), at("client", "a")],
          [at("server", "b"), at("server", "b")],
          [
            { ...at("client", "c"), format: "directory", jobs },
            { ...at("client", "c"), jobs: jobs + 1 },
          ],
          [{ to: ["sh", "-c", 'cat > "$1"', "sh", join(folder, "d")], clientPath }, at("client", "d")],
        ];
        const databases = await Promise.all(ways.map(() => filled(cluster)));
        const stop = await watch(scene, login.user);
        const busy = new AbortController();
        const others = Promise.all(
          [1, 2, 3].map(async () => {
            while (!busy.signal.aborted) {
              await cluster.execute("SELECT pg_sleep(0.005)");
              await sleep(25);
            }
          }),
        );
        try {
          await Promise.all(
            ways.map(async ([finalBackup, restoreFrom], index) => {
              const name = databases[index]?.currentDatabase ?? "";
              const file = join(folder, `first-${index}`);
              await cluster.in(name).backup({ at: "client", path: file }, { clientPath });
              await (await cluster.databases.get(name)).drop({ dropNonEmpty: true, finalBackup });
              const again = await cluster.databases.create({ name, restoreFrom });
              await again.drop({ dropNonEmpty: true });
            }),
          );
        } finally {
          busy.abort();
          await others;
        }
        const { samples, peak } = await stop();
        assert.ok(samples > 100, `${samples} samples`);
        assert.ok(peak <= maxConnections, `${peak} at one time`);
        assert.equal(peak, maxConnections, "they are used");
      }),
  );
}

withClients("never more than 1 session while programs back up and restore", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const login = await superuser(scene);
    const cluster = await scene.connect({ ...login, maxConnections: 1 });
    const databases = [await filled(cluster), await filled(cluster), await filled(cluster)];
    const stop = await watch(scene, login.user);
    await Promise.all(
      databases.map(async (database, index) => {
        for (let round = 0; round < 3; round++) {
          const path = join(folder, `${index}-${round}`);
          await database.backup({ at: "client", path }, { clientPath });
          await database.execute("SELECT 1");
          await database.restore({ at: "client", path }, { clientPath, clean: true });
          await cluster.execute("SELECT 1");
        }
      }),
    );
    const { samples, peak } = await stop();
    assert.ok(samples > 100, `${samples} samples`);
    assert.equal(peak, 1);
  }),
);

withClients("what takes more than there may be is refused before anything is done", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect({ maxConnections: 1 });
    const { currentDatabase: name } = await filled(cluster);
    const at = (where: "client" | "server", file: string) =>
      ({ at: where, path: join(folder, file), clientPath }) as const;
    const drop = async (finalBackup: FinalBackup) =>
      (await cluster.databases.get(name)).drop({ dropNonEmpty: true, finalBackup });
    const here = cluster.in(name);
    const { path } = at("client", "x");
    const table: [() => Promise<unknown>, number, string][] = [
      [() => drop(at("client", "x")), 2, ""],
      [() => drop(at("server", "x")), 3, ""],
      [() => drop({ ...at("client", "x"), format: "directory", jobs: 2 }), 4, ", or lower jobs"],
      [() => here.backup({ at: "server", path }, { clientPath }), 2, ""],
      [() => here.backup({ at: "client", path }, { clientPath, format: "directory", jobs: 2 }), 3, ", or lower jobs"],
      [() => here.restore({ at: "server", path }, { clientPath }), 2, ""],
      [
        () => cluster.databases.create({ name: `${name}_2`, restoreFrom: { ...at("client", "x"), jobs: 2 } }),
        3,
        ", or lower jobs",
      ],
    ];
    for (const [attempt, wanted, more] of table) {
      const { message } = await failure(attempt(), InvalidValueError);
      const reason = `it takes ${wanted} connections at one time, and maxConnections is 1`;
      assert.ok(
        message.endsWith(`${reason}. Raise the Provider's maxConnections to ${wanted} or more${more}`),
        message,
      );
    }
    const found = "SELECT datname::text, datallowconn FROM pg_database WHERE starts_with(datname, $1)";
    assert.deepEqual(await scene.ask(found, [name]), [[name, true]]);
    assert.deepEqual(names(folder), []);
    await here.backup({ at: "client", path }, { clientPath });
    await here.restore({ at: "client", path }, { clientPath, clean: true });
    assert.deepEqual(names(folder), ["x"]);
  }),
);
