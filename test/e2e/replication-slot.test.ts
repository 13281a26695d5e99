import assert from "node:assert/strict";
import { databaseWithSlot, onEveryReplicatingStack, outputsOf, publish, slotOf, whileReading } from "./slots";
import { onEveryStack } from "./stack";

onEveryStack("slots that cannot be are refused in preview, without the server", async (stack) => {
  stack.settings.port = 1; // nothing listens there: a preview needs no server
  const refused = async (resource: string, args: Record<string, unknown>, ...reasons: RegExp[]) => {
    await stack.declare({ [resource]: { type: "ReplicationSlot", args } });
    const output = await stack.fails("preview");
    for (const reason of reasons) assert.match(output, reason);
  };
  const logical = { type: "logical", plugin: "pgoutput" };
  await refused(
    "my-cdc",
    logical,
    /property name value \{my-cdc\} has a problem: must be 1 to 63 .* \(set `name` where/,
  );
  await refused("cdc", { type: "logical" }, /property plugin .*is missing: a logical slot needs one, such as pgoutput/);
  await refused("cdc", { plugin: "pgoutput" }, /property type .*is missing: "logical" or "physical"/);
  await refused("cdc", { ...logical, type: "temporary" }, /property type .*must be "logical" or "physical"/);
  await refused(
    "cdc",
    { type: "physical", plugin: "pgoutput", twoPhase: true },
    /property plugin .*is an attribute of logical slots, and this one is physical/,
    /property twoPhase .*is an attribute of logical slots/,
  );
  await refused("cdc", { ...logical, twoPhase: "yes" }, /property twoPhase .*must be true or false/);
  await stack.declare({ "my-cdc": { type: "ReplicationSlot", args: { ...logical, name: "my_cdc" } } });
  await stack.preview({ create: 3 });
});

onEveryReplicatingStack(
  "a slot and its stream: created, read from, updated, renamed with its database",
  async (stack) => {
    const { name, declared } = databaseWithSlot("stream");
    await stack.declare(declared);
    await stack.preview({ create: 4 });
    await stack.up({ create: 4 });
    const insert = await publish(stack, name);
    const created = await slotOf(stack, name);
    assert.deepEqual(created, {
      type: "logical",
      plugin: "pgoutput",
      database: name,
      position: created?.position,
      pid: null,
    });
    const { restartLsn: _, databaseOid: __, systemIdentifier: ___, ...first } = await outputsOf(stack, "cdc");
    assert.deepEqual(first, {
      type: "logical",
      name,
      database: name,
      plugin: "pgoutput",
      twoPhase: false,
      failover: false,
      active: false,
      activePid: null,
      confirmedFlushLsn: created?.position,
      walStatus: "reserved",
      safeWalSize: null,
      invalidationReason: null,
    });

    // The stream moves all the time: nothing to do, and nobody is disturbed.
    await whileReading(stack, { database: name, slot: name }, async (consumer) => {
      await insert(1, 1000);
      await consumer.until(() => consumer.received.length === 1000);
      await stack.preview({});
      await stack.preview({}, { refresh: true });
      await insert(1001, 1010);
      await stack.up({}, { refresh: true });
      const { pid } = (await slotOf(stack, name)) ?? {};
      const { active, activePid } = await outputsOf(stack, "cdc");
      assert.deepEqual([active, activePid], [true, pid]);

      // Options are updated in place.
      Object.assign(declared.cdc!.args, { adopt: false, terminateOnDelete: true });
      await stack.declare(declared);
      await stack.preview({ update: 1 });
      await stack.up({ update: 1 });
      await insert(1011, 1020);
      await consumer.until(() => consumer.received.length === 1020);
      assert.equal(consumer.streams, 1);
    });

    // Its database gets another name: by the program, then by hand, and back. The slot goes on where it was.
    const renamed = `${name}_2`;
    declared.shop!.args.name = renamed;
    await stack.declare(declared);
    await stack.preview({ update: 2 });
    await stack.up({ update: 2 });
    assert.equal((await slotOf(stack, name))?.database, renamed);
    await stack.sql(`ALTER DATABASE ${renamed} RENAME TO ${name}_3`);
    assert.match(
      await stack.preview({ update: 2 }, { refresh: true }),
      new RegExp(`~ database *: "${renamed}" => "${name}_3"`),
    );
    await stack.up({ update: 2 }, { refresh: true });
    await stack.preview({}, { refresh: true });
    await stack.sql("INSERT INTO t VALUES (1021)", [], renamed);
    await whileReading(stack, { database: renamed, slot: name }, async (consumer) => {
      await consumer.until(() => consumer.received.length > 0);
      assert.deepEqual(consumer.received, ["1021"], "neither lost nor sent twice");
    });

    // Looked up by its name, with its database.
    const elsewhere = { id: { type: "ReplicationSlot" as const, args: {}, options: { id: name } } };
    await stack.declare({ ...declared, ...elsewhere });
    await stack.workspace.up();
    const found = await outputsOf(stack, "id");
    assert.deepEqual([found.name, found.type, found.database, found.twoPhase], [name, "logical", renamed, false]);
    await stack.destroy();
    assert.equal(await slotOf(stack, name), undefined);
  },
);

onEveryReplicatingStack("what would lose the position in the stream is refused until it is allowed", async (stack) => {
  const { name, declared } = databaseWithSlot("guard");
  const { args } = declared.cdc!;
  await stack.declare(declared);
  await stack.up({ create: 4 });
  const before = await slotOf(stack, name);
  const asked: [attribute: string, change: Record<string, unknown>][] = [
    ["name", { name: `${name}_2` }],
    ["plugin", { plugin: "test_decoding" }],
    ["type", { type: "physical", database: undefined, plugin: undefined }],
  ];
  for (const [attribute, change] of asked) {
    await stack.declare({ ...declared, cdc: { type: "ReplicationSlot", args: { ...args, ...change } } });
    const sentence = `${attribute} is .* and cannot become .* in place\\. Set allowReplace: true .* loss of its position`;
    assert.match(await stack.fails("preview"), new RegExp(sentence));
  }
  // Declared for the first time: what the server has is known all the same.
  args.twoPhase = true;
  await stack.declare(declared);
  assert.match(
    await stack.fails("preview"),
    /replication slot ".*": cannot update: twoPhase is false and cannot become true in place/,
  );
  args.database = "postgres";
  delete args.twoPhase;
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /cannot update: it cannot move to another database \("postgres"\)/);
  assert.deepEqual(await slotOf(stack, name), before, "a refusal changes nothing");

  // Allowed: a new slot, at the position that the server is at now.
  Object.assign(args, { database: "$shop", plugin: "pgoutput", name: `${name}_2`, allowReplace: true });
  await stack.declare(declared);
  await stack.preview({ replace: 1 });
  await stack.up({ replace: 1 });
  assert.equal(await slotOf(stack, name), undefined);
  assert.equal((await slotOf(stack, `${name}_2`))?.database, name);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryReplicatingStack("drift: a slot that was dropped by hand, or is another one now", async (stack) => {
  const { name, declared } = databaseWithSlot("drift");
  await stack.declare(declared);
  await stack.up({ create: 4 });
  const drop = `SELECT pg_drop_replication_slot('${name}')`;

  await stack.sql(drop);
  declared.cdc!.args.terminateOnDelete = true;
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /does not exist any more\. Run `pulumi up --refresh` to notice that and create it again, without its position in the stream/,
  );
  await stack.preview({ create: 1 }, { refresh: true });
  await stack.up({ create: 1 }, { refresh: true });
  assert.equal((await slotOf(stack, name))?.plugin, "pgoutput");

  // Of another kind: never taken for it, neither changed nor dropped.
  await stack.sql(`${drop}; SELECT pg_create_physical_replication_slot('${name}')`);
  declared.cdc!.args.terminateOnDelete = false;
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /cannot update: it was dropped outside of Pulumi, and another one made under its name\. Run `pulumi refresh`/,
  );
  assert.match(await stack.fails("destroy"), /cannot drop: it was dropped outside of Pulumi, and another one made/);
  await stack.workspace.refresh();
  assert.match(await stack.fails("preview"), /type is "physical" and cannot become "logical" in place/);
  assert.equal((await slotOf(stack, name))?.type, "physical");
  declared.cdc!.args.allowReplace = true;
  await stack.declare(declared);
  await stack.up({ replace: 1 });
  assert.equal((await slotOf(stack, name))?.database, name);
  await stack.preview({}, { refresh: true });

  // Gone with its database, which was made anew by hand.
  await stack.sql(`DROP DATABASE ${name}`);
  await stack.sql(`CREATE DATABASE ${name} OWNER ${stack.role.name}`);
  await stack.preview({ create: 1 }, { refresh: true });
  await stack.up({ create: 1 }, { refresh: true });
  await stack.destroy();
  assert.equal(await slotOf(stack, name), undefined);
});
