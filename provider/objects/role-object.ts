/** Roles in scripts: what the server keeps of a password. */

import { PermissionError } from "../errors";
import { ManagedObject } from "../managed-object";
import { quoted } from "../sql";
import { verifierOf } from "./role-password";

/** What can be done with a role beside what can be done with every object. */
export interface RoleMethods {
  /**
   * What the server keeps of the password (`rolpassword`): a SCRAM verifier or an MD5 hash; null without a password.
   * Whoever has it can try passwords on it.
   *
   * @throws PermissionError when the current role may not read `pg_authid`
   */
  verifier(): Promise<string | null>;
}

/** A role as the collection hands it out. */
export class ManagedRole extends ManagedObject implements RoleMethods {
  async verifier(): Promise<string | null> {
    await this.refresh();
    const verifier = verifierOf(this.observed);
    if (verifier !== undefined) return verifier;
    throw new PermissionError(`${quoted(this.cluster.facts.user)} may not read pg_authid`, {
      object: this.called,
      intent: "read its verifier",
      remedy: `Let a superuser run: GRANT SELECT ON pg_catalog.pg_authid TO ${quoted(this.cluster.facts.user)}`,
    });
  }
}
