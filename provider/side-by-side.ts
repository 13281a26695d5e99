/** Tasks over many items, so many at one time. */

/** Runs a task for each item, never more than so many at one time, begun in order. Returns what came of them, in order. */
export async function sideBySide<T, R>(many: number, items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: many }, worker));
  return results;
}
