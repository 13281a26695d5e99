import type { StackValidationPolicy } from "@pulumi/policy";
import { Database, Role } from "pulumi-pgmob";
import { names } from "./config";

/** What can be set of {@link databaseOwners}. */
interface Config {
  logins?: string[];
  undeclared?: boolean;
}

/**
 * Databases are owned by roles that nobody logs in as, so that what an application is broken into by cannot drop them. Of
 * roles that the program does not declare, a policy knows nothing: those that log in are named in `logins`.
 */
export const databaseOwners: StackValidationPolicy = {
  name: "database-owners",
  description: "No role that logs in owns a database.",
  configSchema: {
    properties: {
      logins: names("Roles that log in, and that the program does not declare.", ["postgres"]),
      undeclared: {
        type: "boolean",
        description: "Whether a database may have no declared owner: whoever creates it then owns it.",
        default: false,
      },
    },
  },
  validateStack: (args, reportViolation) => {
    const { logins = ["postgres"], undeclared = false } = args.getConfig<Config>();
    const roles = args.resources.flatMap((resource) => resource.asType(Role) ?? []);
    const known = new Set([...logins, ...roles.filter((role) => role.login).map((role) => role.name)]);
    for (const resource of args.resources) {
      const database = resource.asType(Database);
      if (database === undefined) continue;
      const called = `Database ${JSON.stringify(database.name)}`;
      if (database.owner === undefined) {
        if (!undeclared)
          reportViolation(
            `${called} has no declared owner, and so belongs to the login that creates it.`,
            resource.urn,
          );
      } else if (known.has(database.owner)) {
        const owner = JSON.stringify(database.owner);
        reportViolation(
          `${called} is owned by ${owner}, which logs in. Let a role own it that does not.`,
          resource.urn,
        );
      }
    }
  },
};
