// What a replay is given, and what it tells of each request and in the end.
import type { ExchangeError } from "../../exchange/exchange.js";
import type { CompareRules, Comparison } from "../../replay/compare/responses.js";
import type { Choice, SourceReport } from "../query.js";
import type { RequestEdits } from "./edits.js";
import type { NewSession, SendingOptions } from "./sending.js";

export interface ReplayInput extends Choice, Omit<SendingOptions, "home"> {
  /** One exchange, by its number, its id or a beginning of it. */
  readonly id?: string | undefined;
  /** False says what would be sent, and sends nothing. */
  readonly execute: boolean;
  /** `https://host[:port]` that all requests go to, path and query kept. */
  readonly target?: string | undefined;
  readonly edits?: RequestEdits;
  /** Requests of a pass; default 100. */
  readonly limit?: number | undefined;
  /** Passes; default 1. */
  readonly repeat?: number | undefined;
  /** Requests at the same time; default 1, at a recorded pace 16. */
  readonly concurrency?: number | undefined;
  /** Requests in a second at most. */
  readonly rate?: number | undefined;
  /** 1: at the pace of the recording, 2: twice as fast; default without waiting. */
  readonly speed?: number | undefined;
  /** `follow`: cookies that responses set take the place of recorded ones. Default `recorded`. */
  readonly cookies?: "recorded" | "follow";
  /** Methods that change something may go to origins that are not this machine. */
  readonly unsafe?: boolean | undefined;
  /** Each response is compared with the recorded one. */
  readonly compare?: CompareRules | undefined;
  /** Ends it: what is under way is cut off, what was sent stays. */
  readonly signal?: AbortSignal | undefined;
  readonly onIndexing?: ((bytes: number) => void) | undefined;
  /** Awaited before the next begins. */
  readonly onResult: (result: ReplayResult, done: number, expected: number) => Promise<void> | void;
}

/**
 * `planned`: would be sent. `answered`: a whole response came, whatever its status. `failed`: none, or not the whole of it.
 * `refused`: can't or may not be sent as it is. `skipped`: a WebSocket or a tunnel, which is no request.
 */
export type ReplayOutcomeKind = "planned" | "answered" | "failed" | "refused" | "skipped";

export interface ReplayResult {
  readonly outcome: ReplayOutcomeKind;
  /** The recorded exchange. */
  readonly replays: string;
  readonly session: string;
  readonly seq: number;
  /** As sent. */
  readonly method: string;
  readonly url: string;
  readonly requestSize: number;
  /** The new exchange; null where none was made. */
  readonly id: string | null;
  readonly httpVersion: string;
  readonly status: number | null;
  readonly responseSize: number;
  /** Milliseconds; null where nothing was sent. */
  readonly duration: number | null;
  readonly error: ExchangeError | null;
  /** A sentence: why it was refused or skipped. */
  readonly reason: string | null;
  readonly recorded: { readonly status: number | null; readonly duration: number | null };
  /** Where it was asked for, and something was sent. */
  readonly comparison: Comparison | null;
}

export interface ReplayOutcome {
  /** null of a dry run. */
  readonly session: NewSession | null;
  /** Exchanges that were chosen, and how many of them were taken within the limit. */
  readonly chosen: number;
  readonly taken: number;
  readonly counts: Readonly<Record<ReplayOutcomeKind, number>>;
  /** Responses that differ from the recorded ones. */
  readonly different: number;
  /** It was ended before all had been sent. */
  readonly interrupted: boolean;
  readonly reports: readonly SourceReport[];
}
