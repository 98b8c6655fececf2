// What a search is asked, and what it answers.
import type { ExchangeFacts } from "../../exchange/facts.js";
import type { Choice, Selected, SourceReport } from "../query.js";
import type { Redaction } from "../redaction.js";

export const SEARCH_PLACES = ["url", "headers", "request", "response", "websocket"] as const;
export type SearchPlace = (typeof SEARCH_PLACES)[number];

export interface SearchInput extends Choice {
  readonly pattern: string;
  /** The pattern is a regular expression. Default: a text as it is. */
  readonly regex?: boolean;
  readonly caseSensitive?: boolean;
  /** Default: all of them. */
  readonly places?: readonly SearchPlace[];
  /** Snippets to give of each exchange. Default 5. */
  readonly snippets?: number;
  /**
   * Called before anything of an exchange is given; what it returns replaces secrets in that. Matches inside of a secret
   * are counted only, and a pattern with a placeholder in it (`REDACTED-1`) finds where that stands.
   */
  readonly redact?: ((selected: Selected) => Promise<Redaction>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSearched?: ((progress: { done: number; total: number }) => void) | undefined;
}

export interface Snippet {
  readonly place: SearchPlace;
  /** The name of the header field, or the number of the message. */
  readonly detail?: string;
  /** Text around the match, on one line; the match is `text.slice(start, end)`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** In place of a text: the matches of this place that are inside of secrets. */
  readonly hidden?: number;
}

export interface SearchHit {
  readonly session: string;
  /** Their URL without secrets, where those are replaced. */
  readonly facts: ExchangeFacts;
  /** Matches in it, up to 1,000 in each place. */
  readonly matches: number;
  readonly snippets: readonly Snippet[];
}

/** Filled while the hits are read; complete when they have ended. */
export interface SearchReport {
  /** Exchanges that were looked at. */
  searched: number;
  /** Exchanges with a match, and matches. */
  exchanges: number;
  matches: number;
  /** Bodies and messages that are no text, and were passed by. */
  binary: number;
  /** Bodies of which only the first 32 MiB were looked at. */
  limited: number;
  sources: readonly SourceReport[];
}

export function createSearchReport(): SearchReport {
  return { searched: 0, exchanges: 0, matches: 0, binary: 0, limited: 0, sources: [] };
}
