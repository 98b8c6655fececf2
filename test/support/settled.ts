// Tells that a writer has stopped without a clock: other traffic goes round meanwhile, and the writer moves no more.

/** Rounds without a change after which a measure counts as settled. */
const QUIET_ROUNDS = 5;

/**
 * @param measure what the writer has got rid of so far
 * @param round something that takes the same way through the event loop and the network, such as another exchange
 */
export async function settled(measure: () => number, round: () => Promise<unknown>): Promise<number> {
  let last = measure();
  let quiet = 0;
  while (quiet < QUIET_ROUNDS) {
    await round();
    const now = measure();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
  return last;
}
