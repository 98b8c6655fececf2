// Ctrl-C of a command that works on: the first SIGINT or SIGTERM ends it in order, a second one at once.

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
  /** The same as the first signal. */
  abort(): void;
}

export function stopSignal(): StopSignal {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
