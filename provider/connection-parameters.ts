/** libpq's connection parameters, as they come in a URL, in the environment and in a service file: one table for all. */

import { InvalidValueError } from "./errors";

/** The parameters that are taken over, and the variable of each. */
const VARIABLES = {
  service: "PGSERVICE",
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  passfile: "PGPASSFILE",
  dbname: "PGDATABASE",
  options: "PGOPTIONS",
  application_name: "PGAPPNAME",
  connect_timeout: "PGCONNECT_TIMEOUT",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  require_auth: "PGREQUIREAUTH",
  channel_binding: "PGCHANNELBINDING",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslcrl: "PGSSLCRL",
  sslnegotiation: "PGSSLNEGOTIATION",
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  ssl_max_protocol_version: "PGSSLMAXPROTOCOLVERSION",
} as const;

type Parameter = keyof typeof VARIABLES;

/** Values of connection parameters by libpq's names. */
export type LibpqValues = Partial<Record<Parameter, string>>;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What says where the server is: never from two places at once. */
const ADDRESS: readonly Parameter[] = ["service", "host", "hostaddr", "port"];

/** What changes nothing that matters here. The variables of these, and of a session's settings, are not looked at. */
const IGNORED = new Set([
  ...["fallback_application_name", "client_encoding", "load_balance_hosts", "tcp_user_timeout"],
  ...["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"],
  ...["sslcompression", "krbsrvname", "gsslib", "gssdelegation"],
]);

/** What would have to be kept and cannot be, so that it is never passed over: its variable, and values that ask nothing. */
const DEMANDS: Readonly<Record<string, { variable?: string; harmless: readonly string[] }>> = {
  gssencmode: { variable: "PGGSSENCMODE", harmless: ["disable", "prefer"] },
  requirepeer: { variable: "PGREQUIREPEER", harmless: [] },
  sslcertmode: { variable: "PGSSLCERTMODE", harmless: ["allow"] },
  sslcrldir: { variable: "PGSSLCRLDIR", harmless: [] },
  sslsni: { variable: "PGSSLSNI", harmless: ["1"] }, // the name of the host is always told
  min_protocol_version: { variable: "PGMINPROTOCOLVERSION", harmless: ["3.0"] }, // which is the one that is spoken
  max_protocol_version: { variable: "PGMAXPROTOCOLVERSION", harmless: ["3.0", "3.2", "latest"] },
  sslpassword: { harmless: [] },
  replication: { harmless: ["false", "off", "no", "0"] },
};

/** Takes a parameter over. Throws an InvalidValueError for one that is not known or not supported. */
export function take(values: LibpqValues, name: string, value: string, where: string): void {
  if (Object.hasOwn(VARIABLES, name)) values[name as Parameter] = value;
  else if (Object.hasOwn(DEMANDS, name)) refuseDemand(name, value, where);
  else if (!IGNORED.has(name)) throw notSupported(where, name);
}

/** The parameters that variables are set for. An empty one counts for none. */
export function fromEnvironment(environment: Environment, options: { placed: boolean }): LibpqValues {
  for (const [name, { variable = "" }] of Object.entries(DEMANDS)) {
    refuseDemand(name, environment[variable] ?? "", "the environment", variable);
  }
  const values: LibpqValues = {};
  for (const [name, variable] of Object.entries(VARIABLES) as [Parameter, string][]) {
    const value = environment[variable];
    if (value && !(options.placed && ADDRESS.includes(name))) values[name] = value;
  }
  // Of before there was PGSSLMODE; libpq looks at its first character alone.
  if (values.sslmode === undefined && environment.PGREQUIRESSL?.startsWith("1")) values.sslmode = "require";
  return values;
}

/** `postgresql://user:password@host:port/database?parameter=value`, where all may be missing; hosts may be a list. */
const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:([^/?#:]*)(?::([^/?#]*))?@)?(\[[^\]]*\]|[^/?#:@]*)(?::([^/?#]*))?(?:\/([^?#]*))?(?:\?([^#]*))?$/s;

/** The parameters of a connection URL. Throws an InvalidValueError that quotes nothing of it. */
export function fromUrl(text: string): LibpqValues {
  if (!/^postgres(ql)?:\/\//.test(text)) throw new InvalidValueError("url must start with postgresql://");
  const parts = URL_PARTS.exec(text);
  if (parts === null) throw invalidUrl();
  try {
    return partsOf(parts);
  } catch (error) {
    // The error of a percent-encoding may not be shown: it can quote it.
    throw error instanceof InvalidValueError ? error : invalidUrl();
  }
}

function invalidUrl(): InvalidValueError {
  return new InvalidValueError(
    "url is not a valid connection URL (postgresql://user:password@host:port/database, percent-encoded)",
  );
}

/** What is thrown for more than one host. */
export function listOfHosts(): InvalidValueError {
  return new InvalidValueError("host must be one host: a list of hosts is not supported", {
    remedy: "Name the address that follows the primary: a DNS name, a virtual address or a proxy",
  });
}

function partsOf([, user, password, host, port, dbname, query = ""]: RegExpExecArray): LibpqValues {
  const values: LibpqValues = {};
  if (`${host}${port}`.includes(",")) throw listOfHosts();
  const named = { user, password, host: host?.replace(/^\[(.*)\]$/, "$1"), port, dbname };
  for (const [name, part] of Object.entries(named)) if (part) values[name as Parameter] = decodeURIComponent(part);
  for (const pair of query.split("&")) {
    const [name = "", value = ""] = pair.split(/=(.*)/s).map(decodeURIComponent); // libpq leaves a + as it is
    if (name === "ssl" && value === "true") values.sslmode = "require";
    else if (pair !== "") take(values, name, value, "url");
  }
  return values;
}

function refuseDemand(name: string, value: string, where: string, called = name): void {
  const demand = DEMANDS[name];
  if (demand !== undefined && value !== "" && !demand.harmless.includes(value)) throw notSupported(where, called);
}

function notSupported(where: string, name: string): InvalidValueError {
  return new InvalidValueError(`${where} has a parameter that is not supported: ${name}`);
}
