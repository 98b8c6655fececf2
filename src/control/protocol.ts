// What both ends of the control socket agree on: lines of JSON, one message each, with these limits.

/** The server's first line names it; a client that knows another one goes no further. */
export const PROTOCOL = 1;

/** Bytes of one line in either direction. A held message with its body fits. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Connections at a time; each may hold a line of that size. */
export const MAX_CONNECTIONS = 32;

/** Requests under way on one connection; more are not read. */
export const MAX_REQUESTS = 64;

/** Bytes that wait for a reader before events are left out and counted, and requests are no longer read. */
export const MAX_WAITING_BYTES = 1024 * 1024;

/** How long a client waits for the server's first line, and for an answer, in milliseconds. */
export const GREETING_LIMIT_MS = 5_000;
export const ANSWER_LIMIT_MS = 10_000;

/** The id of what answers no request: a line that could not be read. */
export const NO_REQUEST = 0;

export type ServerMessage =
  | { readonly control: number; readonly version: string }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly event: unknown }
  /** So many events of this request were left out, since their reader was too slow. */
  | { readonly id: number; readonly lost: number };

export type ClientMessage =
  | { readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly cancel: number };

/** A TrafficError as it travels. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}
