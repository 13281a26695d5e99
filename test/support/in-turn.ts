/** Tasks over many items, each after the one before. */

/** Runs a task for each item, each after the one before. Returns what came of them, in order. */
export async function inTurn<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await task(item));
  return results;
}
