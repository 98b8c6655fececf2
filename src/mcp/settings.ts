// What a server was started with: the same for all of its clients.

/** Groups of tools that can be loaded by themselves, in the order in which they are listed. */
export const TOOLSETS = ["capture", "query", "har", "replay", "rules", "intercept", "serve"] as const;
export type Toolset = (typeof TOOLSETS)[number];

export interface Settings {
  /** As resolveHome gives it. */
  readonly home: string;
  /** Folders that files may be read in and written to; real paths. */
  readonly roots: readonly string[];
  readonly toolsets: ReadonlySet<Toolset>;
  /** Commands may be run. */
  readonly allowExec: boolean;
  /** Requests may go to hosts that were not recorded, and may change something there. */
  readonly allowSend: boolean;
  /** False gives traffic away as it was. */
  readonly redact: boolean;
  /** Characters of an answer, as JSON. */
  readonly budget: number;
}

export const DEFAULT_BUDGET = 24_000;
/** Below this no page holds a whole row. */
export const SMALLEST_BUDGET = 4_000;
