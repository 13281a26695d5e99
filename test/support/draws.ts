import fc from "fast-check";

/** Draws of arbitraries, all of which follow from one seed. */
export class Draws {
  private readonly seeds: Iterator<number>;

  constructor(seed: number) {
    [this.seeds = [].values()] = fc.sample(fc.infiniteStream(fc.noBias(fc.integer())), { numRuns: 1, seed });
  }

  /** One value of an arbitrary. */
  of<T>(arbitrary: fc.Arbitrary<T>): T {
    const [value] = fc.sample(arbitrary, { numRuns: 1, seed: this.seeds.next().value as number });
    return value as T;
  }
}
