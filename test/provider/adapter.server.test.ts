/** A cluster over an adapter that the user brings. */

import assert from "node:assert/strict";
import { type Adapter, Cluster, InvalidValueError } from "../../provider";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure } from "./scene";

/** Every text that is sent through an adapter, and whether it was closed. */
function spied({ adapter }: Cluster) {
  const sent: string[] = [];
  const seen = { closed: false };
  const spy: Adapter = {
    isConnected: true,
    database: adapter.database,
    without: (database, task) => adapter.without(database, task),
    close: async () => {
      seen.closed = true;
    },
    use: (database, task) =>
      adapter.use(database, (session) =>
        task({
          database: session.database,
          copyIn: (text, source) => session.copyIn(text, source),
          copyOut: (text, consume) => session.copyOut(text, consume),
          ask: (text, params) => session.ask(text, params),
          query: (text, params, shape) => {
            sent.push(text);
            return session.query(text, params, shape);
          },
        }),
      ),
  };
  return { spy, sent, seen };
}

asEachDeployer(
  "everything goes through the adapter that is given, and it is closed with the cluster",
  async (scene) => {
    const { spy, sent, seen } = spied(await scene.connect());
    const cluster = await Cluster.connect({ adapter: spy });
    assert.deepEqual([cluster.adapter, cluster.currentDatabase], [spy, "postgres"]);
    assert.deepEqual(await cluster.execute("SELECT 41 + $1::int", 1), [[42]]);
    assert.equal(sent.at(-1), "SELECT 41 + $1::int");
    const name = uniqueName("through");
    const role = await cluster.roles.create({ name, login: true });
    await role.alter({ connectionLimit: 3 });
    assert.equal(role.connectionLimit, 3);
    for (const statement of ["CREATE ROLE", "ALTER ROLE"])
      assert.ok(
        sent.some((text) => text.includes(`${statement} "${name}"`)),
        statement,
      );
    const { name: elsewhere } = await freshDatabase(scene.server, { owner: scene.deployer.name });
    assert.deepEqual(await cluster.in(elsewhere).execute("SELECT current_database()::text"), [[elsewhere]]);
    await role.drop();
    await cluster.close();
    assert.equal(seen.closed, true);
  },
);

asEachDeployer("what an adapter decides by itself is not to be set beside it", async (scene) => {
  const { spy } = spied(await scene.connect());
  await failure(Cluster.connect({ adapter: spy, become: "x" }), InvalidValueError);
  const connection = await scene.client();
  await failure(Cluster.connect({ adapter: spy, connection }), InvalidValueError);
});
