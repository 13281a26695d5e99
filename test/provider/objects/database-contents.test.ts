import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../../provider";
import { ConnectionError, RefusedError, toPostgresError } from "../../../provider/errors";
import { refuseDatabaseInUse } from "../../../provider/objects/database-contents";
import { connectionLost, FakeAdapter, serverError } from "../fake-adapter";

describe("whether a database holds tables", () => {
  const observed = { oid: 5, values: { name: "d", connectionLimit: -1 }, extra: {} };

  /** Looks, with an error for the first so many times that tables are asked for. */
  function look(error: () => Error, times: number): Promise<unknown> {
    let left = times;
    const query = async (text: string) => {
      if (text.includes("pg_largeobject_metadata") && left-- > 0) throw toPostgresError(error());
      return [];
    };
    const cluster = { adapter: new FakeAdapter(), query, in: () => cluster } as unknown as Cluster;
    return refuseDatabaseInUse(cluster, observed, { forceDrop: true });
  }

  it("is asked again when the connection was lost", async () => assert.deepEqual(await look(connectionLost, 2), []));
  it("is no reason to drop it all the same while connections are lost", () =>
    assert.rejects(
      look(connectionLost, Infinity),
      (error) => error instanceof ConnectionError && !error.message.includes("dropNonEmpty"),
    ));
  for (const code of ["57014", "55P03"])
    it(`is no reason to drop it all the same when it took too long (${code})`, () =>
      assert.rejects(
        look(() => serverError(code, "canceling statement"), 1),
        (error) => !(error instanceof RefusedError) && !(error as Error).message.includes("dropNonEmpty"),
      ));
  it("cannot be seen by who may not", () =>
    assert.rejects(
      look(() => serverError("42501", "permission denied"), Infinity),
      (error) => error instanceof RefusedError && /it cannot be seen .*dropNonEmpty/.test(error.message),
    ));
});
