/** What the package sends to the server, as text for a plain client: made by the very code that the hooks run. */

import type { Session } from "../../provider/adapter";
import type { Key, Observed, Statement, Values } from "../../provider/definition";
import { readServerFacts, type ServerFacts } from "../../provider/facts";
import { roleType } from "../../provider/objects/role";
import { observeInCatalogue } from "../../provider/observe";
import { literal, type SqlValue } from "../../provider/sql";
import { factsOf } from "../provider/samples";
import { declaredRoles, isRotated } from "./roles";
import type { Script } from "./steps";

/** The statements of the plain client's roles on one server. */
export class Statements {
  private constructor(
    private readonly session: Session,
    private readonly server: ServerFacts,
    private readonly count: number,
  ) {}

  /** Asks the server what statements depend on. */
  static async on(session: Session, count: number): Promise<Statements> {
    return new Statements(session, await readServerFacts(session), count);
  }

  /** The version of the server. */
  get version(): string {
    return this.server.version;
  }

  /** The statements of a script. All but `create` depend on what the server has by then. */
  async of(script: Script): Promise<string[]> {
    const facts = factsOf(this.server);
    if (script === "create") {
      const desired = this.desired(false);
      return texts(desired.flatMap((values) => roleType.create(values, facts)));
    }
    const observed = await this.observed();
    if (script === "read") return [await this.readingText(observed)];
    if (script === "drop") return texts(observed.flatMap((role) => roleType.drop(role, {}, facts)));
    const desired = this.desired(true);
    return texts(
      observed.flatMap((role, index) => (isRotated(index) ? roleType.alter(role, desired[index] ?? {}, facts) : [])),
    );
  }

  /** With the passwords as they are: whoever sends them so leaves the making of verifiers to the server. */
  private desired(rotated: boolean): Values[] {
    return declaredRoles("psql", this.count, rotated).map(({ name, password }) => ({ name, login: true, password }));
  }

  private async observed(): Promise<Observed[]> {
    const keys = declaredRoles("psql", this.count, false).map(({ name }) => ({ path: [name] }));
    const found = await observeInCatalogue(this.session, this.server, roleType, keys);
    return found.filter((role) => role !== undefined);
  }

  /** The one query with which a refresh reads all roles. */
  private async readingText(observed: readonly Observed[]): Promise<string> {
    const keys: Key[] = observed.map(({ oid, values }) => ({ path: [String(values.name)], oid }));
    let text = "";
    const query = async (template: string, params: readonly unknown[] = []) => {
      text = withValues(template, params as SqlValue[]);
      return { rows: [], rowCount: 0, command: "SELECT" };
    };
    await observeInCatalogue({ ...this.session, query, ask: query }, this.server, roleType, keys);
    return text;
  }
}

function texts(statements: readonly Statement[]): string[] {
  return statements.map(({ sql }) => sql.text);
}

/** A query with its parameters written out. */
export function withValues(template: string, params: readonly SqlValue[]): string {
  return template.replace(/\$(\d+)/g, (_, number) => literal(params[Number(number) - 1] ?? null).text);
}
