/** The methods of authentication and their options, as the server knows them. */

import type { HbaConnection } from "./types";

interface Method {
  /** The kinds of connections that it is for, when not for all. */
  readonly only?: readonly HbaConnection[];
  /** The kinds of connections that it is not for. */
  readonly not?: readonly HbaConnection[];
  /** The first version that has it, when not every one that is supported has. */
  readonly since?: number;
}

/** Every method of every supported version. Which of them a server was built with, it says itself. */
export const METHODS: Readonly<Record<string, Method>> = {
  trust: {},
  reject: {},
  "scram-sha-256": {},
  md5: {},
  password: {},
  gss: { not: ["local"] },
  sspi: { not: ["local"] },
  ident: { not: ["local"] }, // the server takes it for peer there; one spelling is enough
  peer: { only: ["local"] },
  ldap: {},
  radius: {},
  cert: { only: ["hostssl"] },
  pam: {},
  bsd: {},
  oauth: { since: 18 },
};

const LDAP = ["ldap"];
const RADIUS = ["radius"];
const OAUTH = ["oauth"];
const EXTERNAL = ["gss", "sspi"];

/** The options, and the methods that each is for; undefined: those of a client's certificate, for every method. */
export const OPTIONS: Readonly<Record<string, readonly string[] | undefined>> = {
  map: ["ident", "peer", "gss", "sspi", "cert", "oauth"],
  clientcert: undefined,
  clientname: undefined,
  pamservice: ["pam"],
  pam_use_hostname: ["pam"],
  ldapurl: LDAP,
  ldaptls: LDAP,
  ldapscheme: LDAP,
  ldapserver: LDAP,
  ldapport: LDAP,
  ldapbinddn: LDAP,
  ldapbindpasswd: LDAP,
  ldapsearchattribute: LDAP,
  ldapsearchfilter: LDAP,
  ldapbasedn: LDAP,
  ldapprefix: LDAP,
  ldapsuffix: LDAP,
  krb_realm: EXTERNAL,
  include_realm: EXTERNAL,
  compat_realm: ["sspi"],
  upn_username: ["sspi"],
  radiusservers: RADIUS,
  radiussecrets: RADIUS,
  radiusports: RADIUS,
  radiusidentifiers: RADIUS,
  issuer: OAUTH,
  scope: OAUTH,
  validator: OAUTH,
  delegate_ident_mapping: OAUTH,
};

/** The options whose values are secrets. */
export const SECRET_OPTIONS: readonly string[] = ["ldapbindpasswd", "radiussecrets"];

/** Whether a file has an option in it whose value is a secret, in whoever's line. */
export function holdsSecret(file: string): boolean {
  return SECRET_OPTIONS.some((option) => file.includes(option));
}
