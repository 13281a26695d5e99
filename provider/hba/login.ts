/** How the connection at hand came in, for the guard. */

import type { Session } from "../adapter";
import type { Login } from "./match";

/** The login of this very connection. */
export async function readLogin(session: Session): Promise<Login> {
  const { rows } = await session.query(`
    WITH RECURSIVE groups AS (
      SELECT oid, rolname FROM pg_catalog.pg_roles WHERE rolname = session_user
      UNION
      SELECT r.oid, r.rolname FROM groups g
        JOIN pg_catalog.pg_auth_members m ON m.member = g.oid JOIN pg_catalog.pg_roles r ON r.oid = m.roleid)
    SELECT session_user::text AS user, current_database()::text AS database,
           host(inet_client_addr()) AS address, host(inet_server_addr()) AS "serverAddress",
           coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls,
           coalesce((SELECT encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid()), false) AS "gssEncrypted",
           (SELECT json_agg(rolname)::text FROM groups) AS groups,
           has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS "readsPasswords"`);
  const { groups, readsPasswords, address, serverAddress, ...login } = rows[0] as LoginRow;
  const scramVerifier = readsPasswords ? await readVerifier(session) : undefined;
  return {
    ...login,
    address: address ?? undefined,
    serverAddress: serverAddress ?? undefined,
    groups: new Set(JSON.parse(groups) as string[]),
    scramVerifier,
  };
}

interface LoginRow extends Pick<Login, "user" | "database" | "tls" | "gssEncrypted"> {
  readonly address: string | null;
  readonly serverAddress: string | null;
  readonly groups: string;
  readonly readsPasswords: boolean;
}

async function readVerifier(session: Session): Promise<boolean> {
  const { rows } = await session.query(
    "SELECT coalesce(rolpassword LIKE 'SCRAM-SHA-256$%', false) AS scram FROM pg_catalog.pg_authid WHERE rolname = session_user",
  );
  return (rows[0] as { scram: boolean }).scram;
}
