// What runs for one client: its proxy, and recordings that last as long as a call. When the client goes, all of it ends.
import { TrafficError } from "../errors.js";
import type { Logger } from "../log.js";
import type { RecordOptions, RunningRecording } from "../operations/record.js";

interface Own {
  readonly recording: RunningRecording;
  /** To begin anew with the same. */
  readonly options: RecordOptions;
  /** Resolves when it has stopped, by whomever. */
  readonly ended: Promise<void>;
}

/** Exchanges under way when a client is gone get so long. */
const LAST_GRACE_MS = 500;

export class Captures {
  readonly #log: Logger;
  readonly #all = new Set<Own>();
  #own: Own | undefined;
  #starting = false;
  #isClosed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The proxy that `start` started, while it runs. */
  get own(): Own | undefined {
    return this.#own;
  }

  /** @throws TrafficError PORT_IN_USE when it runs already, and as `record` does */
  async start(options: RecordOptions): Promise<Own> {
    if (this.#own !== undefined || this.#starting) throw alreadyRunning(this.#own);
    this.#starting = true;
    try {
      const own = await this.open(options);
      this.#own = own;
      return own;
    } finally {
      this.#starting = false;
    }
  }

  /** A recording beside it, which the caller ends. @throws as `record` does */
  async open(options: RecordOptions): Promise<Own> {
    const { record } = await import("../operations/record.js");
    let tellEnded = (): void => {};
    const ended = new Promise<void>((resolve) => {
      tellEnded = resolve;
    });
    let stopRequested = (): void => {};
    const recording = await record({
      ...options,
      onWarning: (warning) => this.#log.warn(warning.message),
      onStopRequested: () => stopRequested(),
    });
    const stop = async (graceMs?: number): ReturnType<RunningRecording["stop"]> => {
      try {
        return await recording.stop(graceMs);
      } finally {
        this.#all.delete(own);
        if (this.#own === own) this.#own = undefined;
        tellEnded();
      }
    };
    const own: Own = { recording: { ...recording, stop }, options, ended };
    stopRequested = () =>
      void stop().catch((error: unknown) => this.#log.error({ err: error }, "could not stop"));
    this.#all.add(own);
    if (this.#isClosed) {
      // The client went while it started.
      await stop(0);
      throw new TrafficError("NOT_RUNNING", "the client is gone");
    }
    return own;
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const stops = [...this.#all].map(({ recording }) => recording.stop(LAST_GRACE_MS));
    for (const outcome of await Promise.allSettled(stops)) {
      if (outcome.status === "rejected") this.#log.error({ err: outcome.reason }, "a recording did not stop");
    }
  }
}

function alreadyRunning(own: Own | undefined): TrafficError {
  const what = own === undefined ? "a proxy is starting" : `a proxy runs at ${own.recording.url}`;
  return new TrafficError("PORT_IN_USE", `${what} for this client already`, {
    hint: "use it, or end it with stop_capture first",
  });
}
