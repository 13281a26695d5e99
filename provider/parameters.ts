/**
 * What is known of PostgreSQL's configuration parameters without asking a server: how their values are compared.
 * Parameters of extensions (with a dot in the name), and those not named here, are compared as text.
 */

const words = (text: string) => text.trim().split(/\s+/);

/** Parameters whose value is a list of names, each quoted by itself. No extension can define one. */
const NAME_LISTS = new Set(
  words(`local_preload_libraries search_path session_preload_libraries shared_preload_libraries temp_tablespaces
    unix_socket_directories`),
);

/** Numbers, by the unit of a value that has none. Those that can be set for a role or a database. */
const NUMBERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "": `commit_delay commit_siblings cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction
      debug_discard_caches default_statistics_target effective_io_concurrency extra_float_digits from_collapse_limit
      geqo_effort geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold gin_fuzzy_search_limit
      hash_mem_multiplier jit_above_cost jit_inline_above_cost jit_optimize_above_cost join_collapse_limit
      log_statement_sample_rate log_transaction_sample_rate maintenance_io_concurrency max_parallel_maintenance_workers
      max_parallel_workers max_parallel_workers_per_gather parallel_setup_cost parallel_tuple_cost random_page_cost
      recursive_worktable_factor scram_iterations seq_page_cost tcp_keepalives_count vacuum_cost_limit
      vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age
      vacuum_freeze_table_age vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age
      vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age`,
    B: "log_parameter_max_length log_parameter_max_length_on_error",
    kB: `gin_pending_list_limit log_temp_files logical_decoding_work_mem maintenance_work_mem max_stack_depth
      temp_file_limit vacuum_buffer_usage_limit wal_skip_threshold work_mem`,
    "8kB": `backend_flush_after effective_cache_size io_combine_limit min_parallel_index_scan_size
      min_parallel_table_scan_size temp_buffers`,
    ms: `client_connection_check_interval deadlock_timeout idle_in_transaction_session_timeout idle_session_timeout
      lock_timeout log_min_duration_sample log_min_duration_statement statement_timeout tcp_user_timeout
      transaction_timeout vacuum_cost_delay wal_sender_timeout`,
    s: "post_auth_delay tcp_keepalives_idle tcp_keepalives_interval",
  }).flatMap(([unit, names]) => words(names).map((name) => [name, unit] as const)),
);

/** Text, where upper and lower case differ. Everything else without a dot is a flag or one word of several. */
const TEXTS = new Set(
  words(`application_name backtrace_functions client_encoding createrole_self_grant datestyle
    default_table_access_method default_tablespace default_text_search_config dynamic_library_path
    extension_control_path lc_messages lc_monetary lc_numeric lc_time log_connections restrict_nonsystem_relation_kind
    role session_authorization timezone timezone_abbreviations wal_consistency_checking`),
);

const FACTORS: Readonly<Record<string, number>> = {
  ...{ us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  ...{ B: 1, kB: 1024, "8kB": 8192, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 },
};

const FLAGS: ReadonlyMap<string, string> = new Map([
  ...["1", "t", "true", "y", "yes", "on"].map((word) => [word, "on"] as const),
  ...["0", "f", "false", "n", "no", "off"].map((word) => [word, "off"] as const),
]);

/** In lower case as the server has it for names: letters of ASCII alone. */
export function folded(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether a parameter's value is a list of names: `search_path`. */
export function isNameList(parameter: string): boolean {
  return NAME_LISTS.has(folded(parameter));
}

/** How a value of a parameter that is no list of names is compared: `30s` and `30000` are one `statement_timeout`. */
export function canonicalSetting(parameter: string, value: string): string {
  const name = folded(parameter);
  const unit = NUMBERS.get(name);
  if (unit !== undefined) return inUnit(value, unit) ?? value;
  if (name.includes(".") || TEXTS.has(name)) return value;
  const word = folded(value.trim());
  return FLAGS.get(word) ?? word;
}

function inUnit(value: string, base: string): string | undefined {
  const match = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|0[xX][0-9a-fA-F]+)\s*([A-Za-z]*)\s*$/.exec(value);
  if (match === null) return undefined;
  const [, digits = "", unit = ""] = match;
  const factor = unit === "" ? 1 : (FACTORS[unit] ?? Number.NaN) / (FACTORS[base] ?? Number.NaN);
  const number = Number(digits) * factor;
  return Number.isFinite(number) ? String(Number(number.toPrecision(12))) : undefined;
}

/** Reads a list of names as the server does: `"$user", public`. Names without quotes are folded to lower case. */
export function splitNames(text: string): string[] {
  const names: string[] = [];
  const item = /[ \t\n\r\f]*(?:"((?:[^"]|"")*)"|([^,"][^,]*?|))[ \t\n\r\f]*(?:,|$)/gy;
  while (item.lastIndex < text.length) {
    const match = item.exec(text);
    if (match === null) return [text]; // not a list: what it is, is the server's to say
    names.push(match[1] === undefined ? folded(match[2] ?? "") : match[1].replaceAll('""', '"'));
  }
  return names.filter((name) => name !== "");
}
