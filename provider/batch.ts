/** How many questions of one kind may be on their way; what arrives meanwhile is the next one. */
const MOST_UNDER_WAY = 1;

/** Collects keys that arrive together, and answers them with one query. */
export class Batch<K, V> {
  private pending: { key: K; resolve: (value: V) => void; reject: (error: unknown) => void }[] = [];
  private underWay = 0;
  private planned = false;

  /**
   * @param loadMany answers many keys at once, in their order
   * @param most how many it answers at the most
   */
  constructor(
    private readonly loadMany: (keys: K[]) => Promise<V[]>,
    private readonly most = Number.POSITIVE_INFINITY,
  ) {}

  /** Answers one key, together with all others that are asked for in the same turn of the event loop. */
  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.pending.push({ key, resolve, reject });
      this.plan();
    });
  }

  private plan(): void {
    if (this.planned || this.pending.length === 0 || this.underWay >= MOST_UNDER_WAY) return;
    this.planned = true;
    // Two turns: requests that one network read brought in are all in by then.
    setImmediate(() =>
      setImmediate(() => {
        this.planned = false;
        void this.flush();
      }),
    );
  }

  private async flush(): Promise<void> {
    const batch = this.pending.splice(0, this.most);
    this.underWay++;
    try {
      const values = await this.loadMany(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, index) => {
        resolve(values[index] as V);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.underWay--;
      this.plan();
    }
  }
}
