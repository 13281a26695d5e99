import * as pulumi from "@pulumi/pulumi";
import type { RoleComputed, RoleProperties } from "../provider/objects/role";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { InputsOf, OutputsOf } from "./inputs";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Role}. */
export interface RoleArgs extends InputsOf<Omit<RoleProperties, "name">> {
  /** Name of the role, at most 63 bytes. Default: the resource's name. Changing it renames in place. */
  name?: pulumi.Input<string>;
}

/** The outputs of a {@link Role}: what is declared, as the server has it, and the oid. */
export interface Role extends OutputsOf<RoleProperties & RoleComputed> {}

const definition: ResourceDefinition<RoleProperties, RoleComputed> = {
  type: "Role",
  attributes: {
    name: undefined,
    login: undefined,
    superuser: undefined,
    createDatabase: undefined,
    createRole: undefined,
    inherit: undefined,
    replication: undefined,
    bypassRls: undefined,
    password: undefined,
    passwordVersion: undefined,
    validUntil: undefined,
    connectionLimit: undefined,
    memberOf: undefined,
    config: undefined,
    configInDatabase: undefined,
    comment: undefined,
    onDelete: undefined,
    adopt: undefined,
    dropOnDelete: undefined,
  },
  computed: { oid: undefined },
  secrets: ["password"],
};

/**
 * A role (`CREATE ROLE`). It cannot log in unless `login` is set.
 *
 * @example
 * const owner = new pgmob.Role("shop-owner", { name: "shop_owner" });
 * const app = new pgmob.Role("shop-app", {
 *   name: "shop_app",
 *   login: true,
 *   password: config.requireSecret("appPassword"),
 *   memberOf: [owner.name, { role: "pg_monitor", set: false }],
 *   validUntil: "2030-01-01T00:00:00Z",
 *   config: { statement_timeout: "30s", search_path: ["sales", "public"] },
 *   onDelete: { reassignOwnedTo: owner.name },
 * });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Role extends pulumi.CustomResource {
  /** Declares a role. Without `name`, it is called like the resource. */
  constructor(name: string, args?: RoleArgs, options?: pulumi.CustomResourceOptions) {
    super(...registration(definition, name, args, options));
    fullTraces();
  }

  /** Looks up a role that is managed elsewhere, by its name percent-encoded. Fails when there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Role {
    return new Role(name, undefined, { ...options, id });
  }
}

completeClass(Role, definition);
