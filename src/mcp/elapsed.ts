// How far a call is that takes as long as it takes: clients that give up after a time go on waiting for one that tells.
import type { ToolContext } from "./tool.js";

const EVERY_MS = 1_000;

/** Tells the seconds that have passed, until it is disposed of. */
export function tellingElapsed({ progress }: ToolContext, seconds: number): Disposable {
  const start = performance.now();
  const timer = setInterval(() => {
    progress(Math.min(seconds, Math.round((performance.now() - start) / EVERY_MS)), seconds);
  }, EVERY_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
