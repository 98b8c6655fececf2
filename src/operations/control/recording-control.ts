// A recording's control server, from its start to its end. It never fails the recording, and costs little unasked.
import { type ControlServer, createControlServer } from "../../control/server.js";
import { systemCode, TrafficError } from "../../errors.js";
import type { Exchange } from "../../exchange/exchange.js";
import { type ExchangeSummary, summarise } from "../../exchange/summary.js";
import type { SessionCounts } from "../../session/manifest.js";
import { ownIdentity } from "../../session/process-identity.js";
import { VERSION } from "../../version.js";
import type { ControlledRecording } from "./controlled.js";

export interface RecordingControl {
  /** An exchange is finished: tells those who watch. */
  exchange(exchange: Exchange): void;
  /** Everything is on disk: tells those who wait for that, and ends. */
  close(counts: SessionCounts): Promise<void>;
}

/** @param onFailure told when nobody will be able to control it */
export async function openRecordingControl(
  recording: ControlledRecording,
  onFailure: (error: TrafficError) => void,
): Promise<RecordingControl> {
  const watchers = new Set<(summary: ExchangeSummary) => void>();
  let tellStopped: (counts: SessionCounts) => void = () => {};
  const stopped = new Promise<SessionCounts>((resolve) => {
    tellStopped = resolve;
  });
  const startedAt = new Date().toISOString();
  let server: ControlServer | undefined;
  try {
    server = await createControlServer({
      home: recording.home,
      about: {
        session: recording.session.id,
        sessionPath: recording.session.path,
        ...(await ownIdentity()),
        version: VERSION,
        url: recording.url,
        startedAt,
      },
      loadMethods: async () => {
        const { recordingMethods } = await import("./recording-methods.js");
        const own = recordingMethods(recording, { startedAt, stopped, watchers });
        return [...own, ...(await recording.moreMethods())];
      },
    });
  } catch (cause) {
    onFailure(uncontrolled(cause));
  }
  return {
    exchange(exchange) {
      if (watchers.size === 0) return;
      const summary = summarise(exchange);
      for (const watcher of watchers) watcher(summary);
    },
    async close(counts) {
      // Whoever is told that it has stopped finds it nowhere.
      await server?.withdraw().catch(() => {});
      tellStopped(counts);
      await server?.close().catch(() => {});
    },
  };
}

function uncontrolled(cause: unknown): TrafficError {
  const why = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new TrafficError("LISTEN_FAILED", `nothing can control this recording while it runs (${why})`, {
    hint: "`trafficctl status`, `stop` and `set` won't find it; Ctrl-C stops it",
    cause,
  });
}
