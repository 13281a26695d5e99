/** What of a batch may differ. */
interface BatchOptions {
  /** How many keys are answered at once at the most. Default: all. */
  readonly most?: number;
  /** How many calls may be on their way; what arrives meanwhile is the next one. Default: 1. */
  readonly underWay?: number;
  /** Whether a failure is the fault of one key alone: then each is answered by itself. Default: it never is. */
  readonly isFaultOfOne?: (error: unknown) => boolean;
}

interface Pending<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects keys that arrive together, and answers them with one query. */
export class Batch<K, V> {
  private pending: Pending<K, V>[] = [];
  private underWay = 0;
  private planned = false;

  /** @param loadMany answers many keys at once, in their order */
  constructor(
    private readonly loadMany: (keys: K[]) => Promise<V[]>,
    private readonly options: BatchOptions = {},
  ) {}

  /** Answers one key, together with all others that are asked for in the same turn of the event loop. */
  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.pending.push({ key, resolve, reject });
      this.plan();
    });
  }

  private plan(): void {
    if (this.planned || this.pending.length === 0 || this.underWay >= (this.options.underWay ?? 1)) return;
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
    const batch = this.pending.splice(0, this.options.most ?? this.pending.length);
    this.underWay++;
    this.plan();
    await this.answer(batch);
    this.underWay--;
    this.plan();
  }

  private async answer(batch: readonly Pending<K, V>[]): Promise<void> {
    try {
      const values = await this.loadMany(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, index) => {
        resolve(values[index] as V);
      });
    } catch (error) {
      if (batch.length > 1 && this.options.isFaultOfOne?.(error))
        await Promise.all(batch.map((one) => this.answer([one])));
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** Batches by what they are about, each made when it is first asked for. */
export class Batches<K, V> {
  private readonly batches = new Map<string, Batch<K, V>>();

  /** The batch that is about this; only the first one is made. */
  about(what: readonly unknown[], make: () => Batch<K, V>): Batch<K, V> {
    const key = JSON.stringify(what);
    const batch = this.batches.get(key) ?? make();
    this.batches.set(key, batch);
    return batch;
  }
}
