/** A queue whose end can be awaited: what is pushed comes out in the same order. */
export class AsyncQueue<T> {
  private readonly items: T[] = [];
  private waiting: ((item: T) => void) | undefined;

  /** Appends an item. */
  push(item: T): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting(item);
    else this.items.push(item);
  }

  /** The next item, as soon as there is one. Only one caller may wait at a time. */
  next(): Promise<T> {
    const item = this.items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }
}
