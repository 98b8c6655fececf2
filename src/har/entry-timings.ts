// The timings of an entry, such that its `time` is their sum.
import type { Timings } from "../exchange/timings.js";
import type { HarTimings } from "./types.js";

/** `send`, `wait`, `receive` are mandatory in HAR 1.2 and never -1; `ssl` lies within `connect`. */
export function harTimings(timings: Timings): HarTimings {
  const connect = phase(timings.connect);
  return {
    blocked: phase(timings.blocked),
    dns: phase(timings.dns),
    connect,
    ssl: Math.min(phase(timings.ssl), connect),
    send: Math.max(phase(timings.send), 0),
    wait: Math.max(phase(timings.wait), 0),
    receive: Math.max(phase(timings.receive), 0),
  };
}

/** Milliseconds: the sum of the phases that happened, `ssl` being part of `connect`. */
export function totalTime({ blocked, dns, connect, send, wait, receive }: HarTimings): number {
  const phases = [blocked, dns, connect, send, wait, receive].filter((each) => each > 0);
  return rounded(phases.reduce((sum, each) => sum + each, 0));
}

function phase(ms: number): number {
  return ms >= 0 ? rounded(ms) : -1;
}

/** To microseconds, so that no sum ends in 0.30000000000000004. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
