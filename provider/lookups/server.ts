/** The lookup of the server itself. */

import type { Values } from "../definition";
import { readServerFacts } from "../facts";
import type { Host } from "../host";
import { fromJson, isText, type ValueType } from "../values";
import type { ArgumentTable, Lookup } from "./lookup";
import type { FoundServer, WantedSettings } from "./types";

/** Settings whose value may hold a password, which would then stand in the state. */
function mayHoldSecret(setting: string): boolean {
  return /^primary_conninfo$|_command$/i.test(setting.trim());
}

const settingNames: ValueType = {
  expects: "a list of names of settings, each text that is not empty",
  accepts: (value) => Array.isArray(value) && value.every((one) => isText(one) && one !== "" && !mayHoldSecret(one)),
  reason: (value) => {
    const [secret] = (Array.isArray(value) ? value : []).filter((one) => isText(one) && mayHoldSecret(one));
    return secret === undefined ? undefined : `must not have ${secret} in it: its value may hold a password`;
  },
  normalise: (value) => value,
};

const ARGUMENTS: ArgumentTable<WantedSettings> = { settings: settingNames };

async function answer({ cluster }: Host, { settings }: Values): Promise<Values> {
  return cluster.read(async (session) => {
    const { major, version, systemIdentifier, database, user, superuser, createRole } = await readServerFacts(session);
    const { rows } = await session.query(
      `SELECT r.rolcreatedb AS "createDatabase", r.rolreplication AS replication,
              pg_catalog.pg_is_in_recovery() AS standby,
              (SELECT coalesce(json_object_agg(s.name, current_setting(s.name)), '{}')
                 FROM unnest($1::text[]) AS s (name)) AS settings
         FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
      [settings ?? []],
    );
    const row = rows[0] as Pick<FoundServer, "createDatabase" | "replication" | "standby" | "settings">;
    const found: FoundServer = {
      ...{ version, major, systemIdentifier, database, user, superuser, createRole },
      ...row,
      settings: fromJson(row.settings),
    };
    return { ...found };
  });
}

/** The lookup of the server. */
export const serverLookup: Lookup = { name: "getServer", arguments: ARGUMENTS, answer };
