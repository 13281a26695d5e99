/**
 * Whether a definition is still the one that was applied. The server keeps none of the user's text: what it writes of the
 * object is compared with what it wrote after the last change, by a fingerprint in state.
 */

import { createHash } from "node:crypto";
import type { Field, Observed, PrepareContext, Values, Verified } from "../definition";
import { type Json, sameValue, type ValueType } from "../values";

/** How long a fingerprint is, in characters of six bits. */
const LENGTH = 16;

/** The attribute `definition`, and what of it CREATE OR REPLACE cannot change. */
export function definitionField(value: ValueType, postgres: string): Field {
  return {
    value,
    change: "update",
    changeSays:
      "in place; what CREATE OR REPLACE cannot do is refused, or with `allowReplace` dropped and created anew",
    postgres,
  };
}

/** What is observed of a definition: how the server writes it, and which major version of PostgreSQL does. */
export interface Written {
  /** Null for what the server gives no definition of. */
  readonly text: string | null;
  readonly major: number;
}

/** What {@link Written} is kept as. */
export function extraOf(written: Written): { written: Written } {
  return { written };
}

function writtenOf({ extra }: Observed): Written | undefined {
  return extra.written as Written | undefined;
}

function fingerprint(observed: Observed): string {
  const { text = null, major = 0 } = writtenOf(observed) ?? {};
  return `${major}:${createHash("sha256")
    .update(text ?? "")
    .digest("base64url")
    .slice(0, LENGTH)}`;
}

/** Another major version may write the same in other words: there nobody can tell, and it is taken for the same. */
function isUnchanged(observed: Observed, known: Json | undefined): boolean {
  if (typeof known !== "string") return false;
  const current = fingerprint(observed);
  return known === current || known.split(":")[0] !== current.split(":")[0];
}

/**
 * Puts the server's own text in the place of a definition that has not to be applied again. A preview, which knows the
 * inputs of the last change alone, takes the server's for what came of them.
 */
export function prepareDefinition(
  value: ValueType,
  desired: Values,
  { observed, previous }: PrepareContext,
  otherwise = false,
): Values {
  const { definition } = desired;
  if (definition === undefined || observed === undefined) return desired;
  const applied = previous.definition !== undefined && sameValue(value, previous.definition, definition);
  const unchanged = previous.systemIdentifier === undefined || isUnchanged(observed, previous.definitionHash);
  if (otherwise || !applied || !unchanged) return desired;
  return { ...desired, definition: observed.values.definition ?? null };
}

/** Whether the declared definition is still the server's; the server's own text where it is not. */
export function verifyDefinition(observed: Observed, { definition, definitionHash }: Values): Verified {
  if (definition === undefined) return { values: {}, remember: {} };
  const same = (definitionHash ?? null) === null || isUnchanged(observed, definitionHash);
  return {
    values: { definition: same ? definition : (observed.values.definition ?? null) },
    remember: { definitionHash: fingerprint(observed) },
  };
}

/** After a change, what the server writes is what the definition comes to, whatever of it was sent. */
export function rememberDefinition({ definition }: Values): Values {
  return definition === undefined ? {} : { definitionHash: null };
}
