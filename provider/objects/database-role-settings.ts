/** What is set for roles in a database (`ALTER ROLE … IN DATABASE … SET`): it goes with it, and no role is changed by that. */

import type { Cluster } from "../cluster";
import { configOf } from "../config";
import type { Observed, SaidByOthers, Values } from "../definition";
import { factsOfRoles } from "../role-facts";
import { run } from "../runner";
import { quoted } from "../sql";
import { targetOf } from "./common";
import { asJson, configInDatabaseField } from "./config-field";

/** What is set for one role, which may be renamed meanwhile. */
interface RoleSettings {
  readonly role: string;
  readonly entries: string[];
}

/** The settings of roles in a database, for the one that is made in its place. */
export const roleSettings: SaidByOthers<RoleSettings[]> = {
  async look(cluster: Cluster, { oid }: Observed): Promise<RoleSettings[] | undefined> {
    const found = await cluster.query<RoleSettings>(
      `SELECT s.setrole::text AS role, s.setconfig AS entries
         FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = $1 AND s.setrole <> 0`,
      [oid],
    );
    return found.length === 0 ? undefined : found;
  },

  async restore(cluster: Cluster, { name: database }: Values, settings: RoleSettings[]): Promise<void> {
    try {
      const names = await cluster.query<{ oid: string; name: string }>(
        "SELECT oid::text, rolname::text AS name FROM pg_catalog.pg_roles WHERE oid = ANY ($1::oid[])",
        [settings.map(({ role }) => role)],
      );
      const entries = new Map(settings.map((one) => [one.role, one.entries]));
      await Promise.all(
        names.map(({ oid, name }) => setAgain(cluster, String(database), name, entries.get(oid) ?? [])),
      );
    } catch {
      // The database is there, and that is what was asked for: what is not set is seen by a refresh.
    }
  },
};

/** Each by itself, so that one that we may not set keeps no other away. */
async function setAgain(cluster: Cluster, database: string, role: string, entries: string[]): Promise<void> {
  const facts = await factsOfRoles(cluster, []);
  const value = asJson({ [database]: configOf(entries) });
  const change = { target: targetOf("ROLE", role), observed: undefined, value, desired: {}, facts };
  const purpose = { object: `role ${quoted(role)}`, intent: "alter" };
  for (const statement of configInDatabaseField().statements?.(change) ?? [])
    await run(cluster, [statement], purpose).catch(() => {}); // seen by a refresh
}
