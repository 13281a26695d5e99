/** The hooks of a lookup. To the engine it is a resource that it does not own, and so it is read, in previews too. */

import { PROVIDER_KEY, wrongWith } from "../check";
import { ConfiguredHooks, withWhatToDo } from "../configured-hooks";
import type { Values } from "../definition";
import { InvalidValueError, NotFoundError, PostgresError, RefusedError, toPostgresError, withContext } from "../errors";
import { quoted } from "../sql";
import type { Json } from "../values";
import type { Lookup } from "./lookup";

/** The output that holds the answer. The program reads it, so that it is as frozen as the provider text. */
const RESULT = "result";

/** Set in a preview where something that the lookup comes after is yet to be changed: perhaps renamed. */
const PENDING = "pending";

/** The hooks of one lookup: all but `read` refuse. */
export class LookupHooks extends ConfiguredHooks {
  constructor(private readonly lookup: Lookup) {
    super();
  }

  check = (): Promise<never> => this.refuse("check");
  diff = (): Promise<never> => this.refuse("diff");
  create = (): Promise<never> => this.refuse("create");
  update = (): Promise<never> => this.refuse("update");
  delete = (): Promise<never> => this.refuse("delete");

  /** Asks the server. `properties` are the arguments and, in a refresh, the answer that was last given to them. */
  async read(id: string, properties: Values): Promise<{ id?: string; props?: Values }> {
    const { [PROVIDER_KEY]: _, [RESULT]: before, [PENDING]: pending, ...given } = properties;
    return this.reporting(async () => {
      try {
        const result = await this.answer(given, pending === true);
        if (result !== undefined) return { id, props: { ...given, [RESULT]: result } };
        if (pending === true) return { id, props: given }; // what is not there, the program does not know
        // A refresh only notes that there is nothing to look at any more: whoever still asks is told by the next read.
        if (before !== undefined) return {};
        throw new NotFoundError(`database ${quoted(String(given.database))} does not exist`, {
          remedy: "Create it first; a Database of the same program is passed as it is, and waited for",
        });
      } catch (error) {
        throw this.named(error);
      }
    });
  }

  private async answer(given: Values, pending: boolean): Promise<Json | undefined> {
    const { name, arguments: table } = this.lookup;
    for (const [argument, value] of Object.entries(given)) {
      const type = Object.hasOwn(table, argument) ? table[argument] : undefined;
      const wrong = type === undefined ? `is not an argument of ${name}` : wrongWith({ value: type }, value);
      if (wrong !== undefined) throw new InvalidValueError(`${argument} ${wrong}`);
    }
    const [failure] = this.checkSettings();
    if (failure !== undefined) throw new InvalidValueError(failure.reason);
    return this.lookup.answer(await this.host(), given, pending);
  }

  /** An error says which lookup failed, also where it is about the connection. */
  private named(error: unknown): PostgresError {
    const known = toPostgresError(error);
    const context = { object: this.lookup.name, intent: "read" };
    if (known.object === undefined) return withWhatToDo(withContext(known, context));
    return new PostgresError(known.message, { ...context, sqlstate: known.sqlstate });
  }

  private refuse(intent: string): Promise<never> {
    const error = new RefusedError("it is a lookup, which is only read", { object: this.lookup.name, intent });
    return this.reporting(() => Promise.reject(error));
  }
}
