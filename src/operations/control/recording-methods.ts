// What a recording answers to whoever controls it. Loaded when someone does.
import { answer } from "../../control/method.js";
import {
  getOptionsMethod,
  type ProxyOptionList,
  type ProxyStatus,
  setOptionsMethod,
  statusMethod,
  stopMethod,
  stoppedMethod,
  watchExchangesMethod,
} from "../../control/methods.js";
import type { BoundMethod } from "../../control/server.js";
import type { ExchangeSummary } from "../../exchange/summary.js";
import type { SessionCounts } from "../../session/manifest.js";
import { VERSION } from "../../version.js";
import type { ControlledRecording } from "./controlled.js";
import { findOption } from "./run-time-options.js";

export interface RecordingEvents {
  readonly startedAt: string;
  /** Resolves when everything is on disk. */
  readonly stopped: Promise<SessionCounts>;
  /** Those who are told of each exchange. */
  readonly watchers: Set<(summary: ExchangeSummary) => void>;
}

export function recordingMethods(recording: ControlledRecording, events: RecordingEvents): BoundMethod[] {
  return [
    answer(statusMethod, () => status(recording, events.startedAt)),
    answer(stopMethod, () => {
      // The answer leaves first.
      setImmediate(() => recording.requestStop());
      return {};
    }),
    answer(stoppedMethod, async (_, { signal }) => ({
      counts: await Promise.race([events.stopped, aborted(signal)]),
    })),
    answer(getOptionsMethod, () => optionList(recording)),
    answer(setOptionsMethod, async ({ values }) => {
      const changes = await Promise.all(
        Object.entries(values).map(([name, value]) => findOption(recording.changeable, name).prepare(value)),
      );
      for (const apply of changes) apply();
      return optionList(recording);
    }),
    answer(watchExchangesMethod, async (_, { signal, emit }) => {
      const watcher = (summary: ExchangeSummary): void => emit(summary);
      events.watchers.add(watcher);
      await aborted(signal).catch(() => {});
      events.watchers.delete(watcher);
      return null;
    }),
  ];
}

function status(recording: ControlledRecording, startedAt: string): ProxyStatus {
  const { reverse } = recording;
  const recordingStopped = recording.stopReason();
  return {
    pid: process.pid,
    version: VERSION,
    session: recording.session.id,
    sessionPath: recording.session.path,
    url: recording.url,
    host: recording.host,
    port: recording.port,
    ...(reverse === undefined ? {} : { reverse }),
    startedAt,
    counts: recording.counts(),
    active: recording.active(),
    rules: recording.rules(),
    paused: recording.paused(),
    options: Object.fromEntries(recording.changeable.map((option) => [option.name, option.get()])),
    ...(recordingStopped === undefined ? {} : { recordingStopped }),
  };
}

function optionList({ changeable, fixed }: ControlledRecording): ProxyOptionList {
  const names = new Set(changeable.map(({ name }) => name));
  return {
    options: [
      ...changeable.map((option) => ({ name: option.name, value: option.get(), changeable: true })),
      ...Object.entries(fixed)
        .map(([name, value]) => ({ name: flagName(name), value, changeable: false }))
        .filter(({ name }) => !names.has(name)),
    ],
  };
}

/** `max-body` of the manifest's `maxBody`. */
function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
