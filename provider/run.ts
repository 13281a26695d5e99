/** What the resources of one run of the engine have done so far, on any server, as far as later ones have to know. */

import { CarriedOver } from "./carried-over";
import { Renamed } from "./renamed";
import { TakenOver } from "./taken-over";

/** The memory of a run: the host's process lives as long. */
export class Run {
  /** What resources have taken over. */
  readonly takenOver = new TakenOver();
  /** What resources have renamed. */
  readonly renamed = new Renamed();
  /** What was said about objects that were dropped. */
  readonly carriedOver = new CarriedOver();
}
