// What a running recording shows of itself to whoever controls it, and lets them change.
import type { BoundMethod } from "../../control/server.js";
import type { Json, SessionCounts } from "../../session/manifest.js";

/** An option that may change while the proxy runs. */
export interface RunTimeOption {
  /** As its flag is called, without the dashes. */
  readonly name: string;
  get(): Json;
  /** @returns what makes the value hold. @throws TrafficError BAD_OPTION, FILTER_INVALID */
  prepare(value: Json): (() => void) | Promise<() => void>;
}

export interface ControlledRecording {
  readonly home: string;
  readonly session: { readonly id: string; readonly path: string };
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly reverse?: string;
  /** Exchanges under way. */
  active(): number;
  counts(): SessionCounts;
  /** Why recording has ended although the proxy goes on. */
  stopReason(): string | undefined;
  /** Rules in force, and exchanges that are held. */
  rules(): number;
  paused(): number;
  readonly changeable: readonly RunTimeOption[];
  /** What it answers beyond every recording's own (control/method `answer`); asked for once, when someone controls it. */
  moreMethods(): Promise<readonly BoundMethod[]>;
  /** How it was started, for all to see; by their names in the manifest. */
  readonly fixed: Readonly<Record<string, Json>>;
  /** Begins to stop, and returns. */
  requestStop(): void;
}
