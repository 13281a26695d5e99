/** Declarations that tests make up. */

import type { ObjectType, Values } from "../../../provider/definition";
import type { Declared } from "../../../provider/import/declaration";

/** An object as it would be declared. */
export function declaredOf(type: ObjectType, inputs: Values, outputs: Values = {}): Declared {
  return { type, id: String(inputs.name), inputs, outputs: { ...inputs, ...outputs } };
}
