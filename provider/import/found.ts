/** What a survey finds. */

import type { ObjectType, Observed } from "../definition";
import type { Place } from "../place";

/** An object that was found, and where it is. */
export interface Found {
  readonly type: ObjectType;
  readonly observed: Observed;
  readonly place: Place;
  /** Whether it is somebody else's still, so that the state cannot have it: a program takes it over when it is told to. */
  readonly foreign?: true;
}
