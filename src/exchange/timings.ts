// HAR's timing phases (HAR 1.2, "timings"), in milliseconds with decimals; -1 where a phase did not happen.

export interface Timings {
  /** Waiting for a connection: in the pool's queue, or for a rule. */
  readonly blocked: number;
  readonly dns: number;
  /** TCP and, as in HAR, TLS: `ssl` is part of it. */
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** @returns the sum of the phases that happened, without `ssl`, which `connect` includes. */
export function totalTime(timings: Timings): number {
  let total = 0;
  for (const phase of [timings.blocked, timings.dns, timings.connect, timings.send, timings.wait, timings.receive]) {
    if (phase > 0) total += phase;
  }
  return total;
}
