/** HBA rules: lines of pg_hba.conf. */

import type { Cluster } from "../cluster";
import type { CheckFailure, Field, Fields, Key, Observed, SourceType, Values } from "../definition";
import { ConnectionError, withContext } from "../errors";
import { differences } from "../fields";
import { checkRule } from "../hba/check";
import { SECRET_OPTIONS } from "../hba/methods";
import type { HbaConnection, HbaRule, ManagedHbaRule } from "../hba/types";
import { type Adoption, commonFields, option } from "./common";
import { alter, assumed, create, drop, optionsForScript, seen, toAdopt, toObserved } from "./hba-rule-statements";
import { ITEMS_SINCE, METHOD_SINCE, RULE_VALUES } from "./hba-rule-values";

/** What can be declared of an HBA rule. */
export interface HbaRuleProperties extends ManagedHbaRule, Adoption {
  /** Name of the rule, unique on the server; it is kept in the comment behind the line. Changed in place. */
  readonly name: string;
  /** Which connections it is about: `local` is the Unix socket, `host` is TCP/IP, and `hostssl` only TCP/IP with TLS. */
  readonly type: HbaConnection;
  /** Make changes after which the Provider itself could perhaps not log in again. Default false: they are refused. */
  readonly allowLockout?: boolean | null;
}

/** What the server knows of an HBA rule beside what is declared. */
export interface HbaRuleComputed {
  /** Whether it stands at its place. Where it, or a line of somebody else, was moved past it, an update moves it back. */
  inPlace: boolean;
}

const REQUIRED = { change: "update", defaultSays: "must be given" } as const;

const fields: Fields<HbaRuleProperties & { customTimeouts: unknown }> = {
  name: { value: RULE_VALUES.name, change: "update", postgres: "the comment behind the line" },
  type: { value: RULE_VALUES.type, ...REQUIRED, postgres: "pg_hba.conf: type" },
  databases: { value: RULE_VALUES.databases, ...REQUIRED, since: ITEMS_SINCE, postgres: "pg_hba.conf: database" },
  users: { value: RULE_VALUES.users, ...REQUIRED, since: ITEMS_SINCE, postgres: "pg_hba.conf: user" },
  address: optional("address", "address", { defaultSays: "none; must be given for every type but `local`" }),
  netmask: optional("netmask", "IP-mask"),
  method: { value: RULE_VALUES.method, ...REQUIRED, since: METHOD_SINCE, postgres: "pg_hba.conf: auth-method" },
  options: optional("options", "auth-options", { default: {}, confidential: SECRET_OPTIONS }),
  comment: optional("comment", "#"),
  order: optional("order", "the order of the lines", { defaultSays: "`0`; adopted, where it stands" }),
  before: optional("before", "the order of the lines"),
  after: optional("after", "the order of the lines"),
  allowLockout: option("—"),
  ...commonFields,
};

function optional(name: keyof ManagedHbaRule, postgres: string, more: Partial<Field> = {}): Field {
  return { value: RULE_VALUES[name], change: "update", default: null, postgres: `pg_hba.conf: ${postgres}`, ...more };
}

async function observe(cluster: Cluster, keys: readonly Key[]): Promise<(Observed | undefined)[]> {
  const { managed } = cluster.hbaRules;
  return reading(() =>
    Promise.all(
      keys.map(async ({ path: [name = ""] }) => {
        const found = await managed.observe(name);
        return found && toObserved(found);
      }),
    ),
  );
}

async function adoptable(cluster: Cluster, desired: Values): Promise<Observed | undefined> {
  const found = await reading(() => cluster.hbaRules.managed.adoptable(desired as unknown as HbaRule));
  return found && toAdopt(String(desired.name), found);
}

/** A lost connection is tried again, and says what it was about in the end; anything else is about the file. */
async function reading<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw withContext(error, { object: "pg_hba.conf", intent: "read" });
  }
}

/** What is not acceptable of a rule as a whole. The engine prints the value of a property that is named. */
function checkTogether(values: Values): CheckFailure[] {
  const rule = Object.entries(values).filter(([name]) => Object.hasOwn(RULE_VALUES, name));
  return checkRule(Object.fromEntries(rule)).map(({ property, reason }) =>
    fields[property as keyof HbaRuleProperties].confidential
      ? { property: "", reason: `${property} ${reason}` }
      : { property, reason },
  );
}

/** The definition of HBA rules. */
export const hbaRuleType: SourceType = {
  type: "HbaRule",
  noun: "HBA rule",
  fields,
  key: ["name"],
  perDatabase: false,
  computed: { inPlace: "Whether it stands at its place." },
  source: { observe, adoptable },
  rolesInvolved: () => [],
  databasesInvolved: () => [],
  create,
  alter: (observed, desired, facts) => alter(observed, differences(hbaRuleType, observed, desired), desired, facts),
  drop: (observed, options, facts) => drop("remove", observed, options, facts),
  release: (observed, options, facts) => drop("release", observed, options, facts),
  assumed,
  seen,
  scriptValues: optionsForScript,
  amiss: ({ inPlace }): Values => (inPlace === false ? { inPlace } : {}),
  checkTogether,
};
