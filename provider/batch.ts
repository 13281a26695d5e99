/** Collects keys that arrive together, and answers them with one query. */
export class Batch<K, V> {
  private pending: { key: K; resolve: (value: V) => void; reject: (error: unknown) => void }[] = [];

  /** @param loadMany answers many keys at once, in their order */
  constructor(private readonly loadMany: (keys: K[]) => Promise<V[]>) {}

  /** Answers one key, together with all others that are asked for in the same turn of the event loop. */
  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.pending.push({ key, resolve, reject });
      // Two turns: requests that one network read brought in are all in by then.
      if (this.pending.length === 1) setImmediate(() => setImmediate(() => void this.flush()));
    });
  }

  private async flush(): Promise<void> {
    const batch = this.pending;
    this.pending = [];
    try {
      const values = await this.loadMany(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, index) => {
        resolve(values[index] as V);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
