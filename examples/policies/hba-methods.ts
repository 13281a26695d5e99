import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";
import { HbaRule } from "pulumi-pgmob";
import { names } from "./config";

/** What can be set of {@link hbaMethods}. */
interface Config {
  refused?: string[];
}

const REFUSED = ["trust", "md5"];

/** No line of pg_hba.conf asks for less than a SCRAM password. */
export const hbaMethods: ResourceValidationPolicy = {
  name: "hba-methods",
  description: "Rules of pg_hba.conf do not use weak methods.",
  configSchema: { properties: { refused: names("Methods that no rule may have.", REFUSED) } },
  validateResource: validateResourceOfType(HbaRule, (rule, args, reportViolation) => {
    const { refused = REFUSED } = args.getConfig<Config>();
    if (refused.includes(rule.method))
      reportViolation(`HBA rule ${JSON.stringify(rule.name)} has the method ${rule.method}. Use scram-sha-256.`);
  }),
};
