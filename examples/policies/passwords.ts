import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { HbaRule, Role } from "pulumi-pgmob";
import { names } from "./config";

/** What can be set of {@link passwords}. */
interface Config {
  exempt?: string[];
}

type Declared<T> = { readonly resource: PolicyResource; readonly props: T };
type RoleProps = NonNullable<ReturnType<typeof roleOf>>;
type RuleProps = NonNullable<ReturnType<typeof ruleOf>>;

const roleOf = (resource: PolicyResource) => resource.asType(Role);
const ruleOf = (resource: PolicyResource) => resource.asType(HbaRule);

/** The methods by which somebody else than PostgreSQL says who it is that connects. */
const WITHOUT_PASSWORD = ["peer", "ident", "cert", "gss", "sspi", "ldap", "radius", "pam", "bsd", "oauth"];

/**
 * A role that logs in has a password, or a rule of the same program lets it in by a method that takes none. What is on the
 * server already, a password or a line of pg_hba.conf, no policy sees: roles that rely on it are named in `exempt`.
 */
export const passwords: StackValidationPolicy = {
  name: "passwords",
  description: "Roles that log in have a password, or a method that needs none.",
  configSchema: { properties: { exempt: names("Roles that need no password, for a reason outside of the program.") } },
  validateStack: (args, reportViolation) => {
    const { exempt = [] } = args.getConfig<Config>();
    const rules = declared(args.resources, ruleOf).filter(({ props }) => WITHOUT_PASSWORD.includes(props.method));
    for (const { resource, props: role } of declared(args.resources, roleOf)) {
      if (!role.login || hasPassword(role) || exempt.includes(role.name ?? "")) continue;
      if (rules.some(({ props: rule }) => letsIn(rule, role))) continue;
      reportViolation(`Role ${JSON.stringify(role.name)} logs in, and no password is declared for it.`, resource.urn);
    }
  },
};

function declared<T>(resources: PolicyResource[], propsOf: (resource: PolicyResource) => T | undefined): Declared<T>[] {
  return resources.flatMap((resource) => {
    const props = propsOf(resource);
    return props === undefined ? [] : [{ resource, props }];
  });
}

/** Whether there is one. It is not looked at: in a preview it may not be known yet, and the SDK then refuses to show it. */
function hasPassword(role: RoleProps): boolean {
  return (Object.getOwnPropertyDescriptor(role, "password")?.value ?? null) !== null;
}

/** Whether a rule names the role: by its name, as one of a group, or with everybody. Regular expressions are not tried. */
function letsIn(rule: RuleProps, role: RoleProps): boolean {
  const groups = (role.memberOf ?? []).map((one) => (typeof one === "string" ? one : one.role));
  return rule.users.some((user) => {
    if (typeof user === "string") return user === "all" || user === role.name;
    if ("group" in user) return user.group === role.name || groups.includes(user.group);
    return "name" in user && user.name === role.name;
  });
}
