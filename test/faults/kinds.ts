/** The kinds of faults. */

import type { Kind } from "./kind";
import { connectionKinds } from "./kinds-of-connection";
import { surroundingKinds } from "./kinds-of-surroundings";

/** Every kind. */
export const KINDS: readonly Kind[] = [...connectionKinds, ...surroundingKinds];
