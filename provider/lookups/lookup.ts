/** What a lookup is: a question to the server, with arguments that can travel as JSON. */

import type { Values } from "../definition";
import type { Host } from "../host";
import type { Json, ValueType } from "../values";

/** The arguments of a lookup, by name: which values each takes. None has to be given. */
export type ArgumentTable<A> = { readonly [K in keyof A]-?: ValueType };

/** A question to the server. */
export interface Lookup {
  /** The function of a program that asks it, and the type in the type token: `getRoles`. */
  readonly name: string;
  /** Its arguments. */
  readonly arguments: Readonly<Record<string, ValueType>>;
  /**
   * The answer. Undefined: the database in which to look is not there, or, where changes are pending, something else that
   * the arguments name.
   */
  answer(host: Host, given: Values, pending: boolean): Promise<Json | undefined>;
}
