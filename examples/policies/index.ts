import { PolicyPack } from "@pulumi/policy";
import { databaseOwners } from "./database-owners";
import { hbaMethods } from "./hba-methods";
import { noSuperuser } from "./no-superuser";
import { passwords } from "./passwords";

// Each policy says in its configSchema what can be set, for `--policy-pack-config policies/settings.json`:
// { "no-superuser": { "allowed": ["dba"] }, "passwords": "advisory" }
new PolicyPack("postgresql", {
  enforcementLevel: "mandatory",
  policies: [noSuperuser, hbaMethods, passwords, databaseOwners],
});
