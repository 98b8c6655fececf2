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
