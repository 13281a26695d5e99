/**
 * The last backup of a database. Nothing is dropped unless it is complete, and from before its first byte until the drop
 * nobody else can write anything.
 *
 * A closed database (`ALLOW_CONNECTIONS false`) lets nobody in: no superuser, no worker of an extension, and no pg_dump
 * either. On this machine pg_dump is therefore handed connections that were opened before. On the server's host nothing can
 * be handed to it: there the database has a name that nobody knows until pg_dump is in, and is closed behind it; in an
 * archive it keeps that name. Other ways do not hold: CONNECTION LIMIT is none for superusers, and whoever reconnects at once
 * is as fast as pg_dump.
 */

import { randomBytes } from "node:crypto";
import { makeBackup } from "../backup/backup";
import { settingsOf } from "../backup/connection";
import { HandedConnections } from "../backup/handed";
import { aboutBackup } from "../backup/process";
import { dumpShare, sharing } from "../backup/share";
import type { Cluster } from "../cluster";
import type { Observed, Statement, Values } from "../definition";
import { type PostgresError, toPostgresError } from "../errors";
import type { Facts } from "../facts";
import type { Deadline } from "../limits";
import { comment, quoted } from "../sql";
import { finalBackupOf } from "./database-backup";
import { ClosedDatabase } from "./database-closed";

/** The statement that backs a database up and leaves it closed; none where no last backup is declared. */
export function backUpBeforeDrop(observed: Observed, options: Values, facts: Facts): Statement[] {
  if (finalBackupOf(options) === undefined) return [];
  const perform = (cluster: Cluster, deadline: Deadline | undefined) =>
    backUpAndClose(cluster, observed, options, facts, deadline);
  return [{ sql: comment("the last backup"), alone: true, without: String(observed.values.name), perform }];
}

async function backUpAndClose(
  cluster: Cluster,
  observed: Observed,
  options: Values,
  facts: Facts,
  deadline: Deadline | undefined,
): Promise<void> {
  const declared = finalBackupOf(options);
  if (declared === undefined) return;
  const purpose = { object: `database ${quoted(String(observed.values.name))}`, intent: "make its last backup" };
  const closed = new ClosedDatabase(cluster, observed, facts, { ...purpose, deadline });
  const onServer = "at" in declared.target && declared.target.at === "server";
  const make = onServer ? underAlias : withHandedConnections;
  try {
    await make(cluster, closed, declared, options.forceDrop === true, deadline);
  } catch (error) {
    throw await closed.reopen(toPostgresError(aboutBackup(error, purpose)));
  }
}

type Declared = NonNullable<ReturnType<typeof finalBackupOf>>;

async function withHandedConnections(
  cluster: Cluster,
  closed: ClosedDatabase,
  declared: Declared,
  force: boolean,
  deadline: Deadline | undefined,
): Promise<void> {
  const { target, options } = declared;
  const settings = settingsOf(cluster);
  const share = dumpShare(cluster, options, 1);
  let handed: HandedConnections | undefined;
  const ready = async () => {
    const open = () => HandedConnections.open(settings, closed.name, share.program);
    handed = await closed.admitting(open);
    await closed.close(handed.pids, force);
  };
  const access: HandedConnections["access"] = (...given) => (handed as HandedConnections).access(...given);
  await sharing(cluster, share, async () => {
    try {
      await makeBackup(cluster.in(closed.name), target, options, { deadline, ready, access });
    } finally {
      await handed?.close();
    }
  });
}

async function underAlias(
  cluster: Cluster,
  closed: ClosedDatabase,
  declared: Declared,
  force: boolean,
  deadline: Deadline | undefined,
): Promise<void> {
  const { target, options } = declared;
  const beside = 1; // what closes the database behind pg_dump
  const { program } = dumpShare(cluster, options, beside + 1);
  const alias = `pgmob_${randomBytes(16).toString("hex")}`;
  const over = new AbortController();
  const [login] = await cluster.execute("SELECT session_user::text");
  let behind: Promise<PostgresError | undefined> | undefined;
  const ready = async () => {
    await closed.close([], force);
    await closed.hide(alias);
    const watched = closed.closeBehind("pg_dump", String(login?.[0]), program, over.signal);
    behind = watched.then(() => undefined, toPostgresError);
  };
  let failure: unknown;
  await makeBackup(cluster.in(alias), target, options, { deadline, ready, beside, through: cluster }).catch(
    (error: unknown) => {
      failure = error;
    },
  );
  over.abort();
  // Who was not to be in it is ended with pg_dump, which then fails: that is not the reason.
  failure = (await behind) ?? failure;
  if (failure !== undefined) throw failure;
  await closed.reveal();
}
