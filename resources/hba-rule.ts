import * as pulumi from "@pulumi/pulumi";
import type { HbaConnection } from "../provider/hba/types";
import type { HbaRuleComputed, HbaRuleProperties } from "../provider/objects/hba-rule";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of any {@link HbaRule}. */
interface AnyHbaRuleArgs
  extends InputsOf<Omit<HbaRuleProperties, "name" | "type" | "address" | "netmask" | "before" | "after">> {
  /** Name of the rule, unique on the server. Default: the resource's name. Changed in place. */
  name?: pulumi.Input<string>;
  /** Another rule, to stand right before: an {@link HbaRule}, or its name. As long as there is none: order 0. */
  before?: pulumi.Input<string | null> | HbaRule;
  /** Another rule, to stand right after: an {@link HbaRule}, or its name. As long as there is none: order 0. */
  after?: pulumi.Input<string | null> | HbaRule;
}

/** What can be declared of an {@link HbaRule} about the Unix socket, where nobody has an address. */
export interface LocalHbaRuleArgs extends AnyHbaRuleArgs {
  /** Which connections it is about, as plain text: `local` is the Unix socket. */
  type: "local";
  /** Not for the Unix socket. */
  address?: null;
  /** Not for the Unix socket. */
  netmask?: null;
}

/** What can be declared of an {@link HbaRule} about TCP/IP. */
export interface HostHbaRuleArgs extends AnyHbaRuleArgs {
  /** Which connections it is about, as plain text: `host` is TCP/IP, and `hostssl` only TCP/IP with TLS. */
  type: Exclude<HbaConnection, "local">;
  /**
   * Where connections come from: `10.0.0.0/8`, `::1/128`, an address with `netmask`, a host name, `.domain`, `all`,
   * `samehost` or `samenet`.
   */
  address: pulumi.Input<string>;
  /** The mask of an `address` that is written without its length. Default none. */
  netmask?: pulumi.Input<string | null>;
}

/** What can be declared of an {@link HbaRule}. `type` is plain text and says which of the two it is. */
export type HbaRuleArgs = LocalHbaRuleArgs | HostHbaRuleArgs;

/** The outputs of an {@link HbaRule}: what is declared, as it is in the file, and whether it stands at its place. */
export interface HbaRule extends OutputsOf<HbaRuleProperties & HbaRuleComputed> {}

const definition: ResourceDefinition<HbaRuleProperties, HbaRuleComputed> = {
  type: "HbaRule",
  attributes: {
    name: undefined,
    type: undefined,
    databases: undefined,
    users: undefined,
    address: undefined,
    netmask: undefined,
    method: undefined,
    options: undefined,
    comment: undefined,
    order: undefined,
    before: undefined,
    after: undefined,
    allowLockout: undefined,
    adopt: undefined,
    dropOnDelete: undefined,
  },
  computed: { inPlace: undefined },
};

/** Options whose values are secrets: with one of them, all options are one secret. */
const SECRET_OPTIONS = ["ldapbindpasswd", "radiussecrets"];

/**
 * A rule of pg_hba.conf: who may connect from where, and how they prove who they are. The first rule that matches a
 * connection decides. Every text is a name, whatever its characters, but for `all`, `sameuser`, `samerole` and
 * `replication`.
 *
 * @example
 * const app = new pgmob.HbaRule("app", {
 *   type: "hostssl",
 *   databases: [shop.name],
 *   users: [owner.name, { group: "shop_readers" }],
 *   address: "10.0.0.0/8",
 *   method: "scram-sha-256",
 * });
 * const rest = new pgmob.HbaRule("nobody-else", {
 *   type: "host",
 *   databases: [shop.name],
 *   users: ["all"],
 *   address: "all",
 *   method: "reject",
 *   after: app,
 * });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class HbaRule extends pulumi.CustomResource {
  /** Declares a rule. Without `name`, it is called like the resource. */
  constructor(name: string, args?: HbaRuleArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, args && plain(args), options));
    fullTraces();
  }

  /** Looks up a rule that is managed elsewhere, by its name percent-encoded. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): HbaRule {
    return new HbaRule(name, undefined, { ...options, id });
  }
}

completeClass(HbaRule, definition);

/** Arguments with the names of other rules in the place of these, and secrets among the options kept. */
function plain(args: HbaRuleArgs): object {
  const nameOf = (rule: unknown) => (rule instanceof HbaRule ? rule.name : rule);
  return { ...args, before: nameOf(args.before), after: nameOf(args.after), options: guarded(args.options) };
}

/** Options, as a secret when they hold one. What is not known at once is looked at when it is. */
function guarded(options: HbaRuleArgs["options"]): unknown {
  if (options === undefined || options === null) return options;
  const names = pulumi.Output.isInstance(options) || options instanceof Promise ? undefined : Object.keys(options);
  const holdsSecret = (known: readonly string[]) => known.some((name) => SECRET_OPTIONS.includes(name));
  if (names !== undefined) return holdsSecret(names) ? pulumi.secret(options) : options;
  return pulumi
    .output(options)
    .apply((known) => (holdsSecret(Object.keys(known ?? {})) ? pulumi.secret(known) : pulumi.output(known)));
}
