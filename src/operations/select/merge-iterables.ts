// Several asynchronous generators as one, in the order in which they give.

/**
 * Ends when all have ended; when one fails, or it is left early, the others are ended.
 * @param end makes those give up that are waiting for something: a generator can't be left while it waits.
 */
export async function* mergeIterables<T>(
  sources: readonly AsyncGenerator<T, void, void>[],
  end: () => void,
): AsyncGenerator<T, void, void> {
  const next = (source: AsyncGenerator<T, void, void>) =>
    source.next().then((result) => ({ source, result }));
  const pending = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(source);
        continue;
      }
      yield result.value;
      pending.set(source, next(source));
    }
  } finally {
    end();
    for (const promise of pending.values()) promise.catch(() => {});
    await Promise.allSettled(sources.map((source) => source.return()));
  }
}
