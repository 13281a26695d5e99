import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";
import { Role } from "pulumi-pgmob";
import { names } from "./config";

/** What can be set of {@link noSuperuser}. */
interface Config {
  allowed?: string[];
  superusers?: string[];
}

/** No role is a superuser, or a member of one, whose rights it would have after `SET ROLE`. */
export const noSuperuser: ResourceValidationPolicy = {
  name: "no-superuser",
  description: "Roles are no superusers, and no members of one.",
  configSchema: {
    properties: {
      allowed: names("Roles that may be superusers."),
      superusers: names("Superusers that are there without the program.", ["postgres"]),
    },
  },
  validateResource: validateResourceOfType(Role, (role, args, reportViolation) => {
    const { allowed = [], superusers = ["postgres"] } = args.getConfig<Config>();
    if (allowed.includes(role.name ?? args.name)) return;
    const called = `Role ${JSON.stringify(role.name)}`;
    if (role.superuser)
      reportViolation(`${called} is a superuser. Declare what it needs instead: createDatabase, createRole, memberOf.`);
    for (const membership of role.memberOf ?? []) {
      const group = typeof membership === "string" ? membership : membership.role;
      if (superusers.includes(group))
        reportViolation(`${called} is a member of the superuser ${JSON.stringify(group)}.`);
    }
  }),
};
