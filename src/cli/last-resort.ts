// A defect of ours must not cut off the traffic of a program that is being recorded: it is told of, and the proxy goes on.
import type { Logger } from "../log.js";

const HINT = "this is a defect in trafficctl; the proxy goes on, the exchange it happened in may be missing";

/** While this is held, what nobody caught is logged instead of ending the process. */
export function surviveDefects(log: Logger): Disposable {
  const onDefect = (thrown: unknown): void => {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    log.error(`${message}: ${HINT}`);
    log.debug({ err: thrown }, "where it happened");
  };
  process.on("uncaughtException", onDefect);
  process.on("unhandledRejection", onDefect);
  return {
    [Symbol.dispose]() {
      process.off("uncaughtException", onDefect);
      process.off("unhandledRejection", onDefect);
    },
  };
}
