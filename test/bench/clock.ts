/** How long something takes. */

/** The seconds that a task takes. */
export async function secondsOf(task: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await task();
  return (performance.now() - begin) / 1000;
}
