/** The rights that reading and writing pg_hba.conf takes. */

import type { Adapter, Session } from "../adapter";
import { isDriverError, PermissionError, toPostgresError } from "../errors";
import { quoted } from "../sql";

/** The roles by which managed services are known: on none of them can anybody be given these rights. */
const SERVICES = ["rds_superuser", "cloudsqlsuperuser", "alloydbsuperuser", "azure_pg_admin"];

const FUNCTIONS = [
  "pg_read_binary_file(text)",
  "pg_read_binary_file(text, bigint, bigint, boolean)",
  "pg_hba_file_rules()",
  "pg_reload_conf()",
];

/** Says what stands between the current role and pg_hba.conf, when an error is about rights; any other as it is. */
export async function explainRights(adapter: Adapter, error: unknown): Promise<unknown> {
  if (!isDriverError(error)) return error;
  const known = toPostgresError(error);
  if (known.sqlstate !== "42501") return known;
  const { user, grants, service } = await adapter.use(undefined, readMissingRights);
  if (service === undefined && grants.length === 0) return known;
  const reason =
    service === undefined
      ? `${quoted(user)} may not read and write pg_hba.conf`
      : `this is a managed service (it has a role ${quoted(service)}), on which nobody may read and write pg_hba.conf`;
  const remedy =
    service === undefined
      ? `Let a superuser run: ${grants.join("; ")}`
      : "Let the service's own rules for its network decide who may connect";
  return new PermissionError(reason, { sqlstate: known.sqlstate, detail: known.reason, remedy });
}

interface MissingRights {
  readonly user: string;
  /** The statements that give the rights that are missing. */
  readonly grants: readonly string[];
  /** The role by which a managed service is known, where this is one. */
  readonly service: string | undefined;
}

async function readMissingRights(session: Session): Promise<MissingRights> {
  const { rows } = await session.query(
    `SELECT current_user::text AS user, current_database()::text AS database,
            pg_has_role('pg_read_all_settings', 'USAGE') AS settings,
            pg_has_role('pg_read_server_files', 'USAGE') AS files,
            pg_has_role('pg_execute_server_program', 'USAGE') AS programs,
            has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT') AS view,
            (SELECT string_agg(f, '; ') FROM unnest($1::text[]) f
              WHERE NOT has_function_privilege('pg_catalog.' || f, 'EXECUTE')) AS functions,
            (SELECT min(rolname)::text FROM pg_catalog.pg_roles WHERE rolname = ANY ($2)) AS service`,
    [FUNCTIONS, SERVICES],
  );
  const { user, database, settings, files, programs, view, functions, service } = rows[0] as RightsRow;
  const needsFiles = settings && !files && (await isElsewhere(session));
  const roles = [
    ...(settings ? [] : ["pg_read_all_settings"]),
    ...(programs ? [] : ["pg_execute_server_program"]),
    ...(needsFiles ? ["pg_read_server_files"] : []),
  ];
  const to = `TO ${quoted(user)}`;
  const here = [
    ...(functions ?? "").split("; ").flatMap((name) => (name === "" ? [] : `GRANT EXECUTE ON FUNCTION ${name} ${to}`)),
    ...(view ? [] : [`GRANT SELECT ON pg_hba_file_rules ${to}`]),
  ];
  const grants = [
    ...(roles.length === 0 ? [] : [`GRANT ${roles.join(", ")} ${to}`]),
    ...here.map((grant, index) => (index === 0 ? `in database ${quoted(database)}, ${grant}` : grant)),
  ];
  return { user, grants, service: service ?? undefined };
}

interface RightsRow {
  readonly user: string;
  readonly database: string;
  readonly settings: boolean;
  readonly files: boolean;
  readonly programs: boolean;
  readonly view: boolean;
  readonly functions: string | null;
  readonly service: string | null;
}

async function isElsewhere(session: Session): Promise<boolean> {
  const { rows } = await session.query(
    "SELECT NOT starts_with(current_setting('hba_file'), current_setting('data_directory') || '/') AS elsewhere",
  );
  return (rows[0] as { elsewhere: boolean }).elsewhere;
}
