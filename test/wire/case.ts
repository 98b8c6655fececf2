// The type of a wire case: what a client and an origin say to each other, byte for byte, and what trafficctl between
// them may change about it. Tables of cases are in cases/, the runner is run-case.ts.

/** How a client that speaks HTTP/1 reaches an origin that does so too. */
export type Http1Mode = "absolute" | "tunnel" | "tls";

/** How a client reaches the origin through trafficctl; from `h2` on over TLS, the client's protocol first. */
export type Mode = Http1Mode | "h2" | "h2-h1" | "h1-h2";

/** Those of HTTP/1. */
export const MODES: readonly Http1Mode[] = ["absolute", "tunnel", "tls"];

/**
 * One step of a party's script. Bytes are text, a character a byte (latin-1), with two placeholders: `%O` is what comes
 * before the path (empty, or `http://host:port` where the client speaks to a proxy), `%H` is the origin's `host:port`.
 */
export type Step =
  | { readonly do: "send"; readonly bytes: string }
  /** Each byte in a write, and a read, of its own. */
  | { readonly do: "drip"; readonly bytes: string }
  /** Waits until this was received, after what earlier waits consumed. */
  | { readonly do: "until"; readonly bytes: string }
  /** Waits until the other side ended the connection, in whatever way. */
  | { readonly do: "to-end" }
  /** Ends this side; reading goes on. */
  | { readonly do: "end" }
  /** Ends both sides with a TCP reset. */
  | { readonly do: "reset" }
  /** Closes as a process that exits does. */
  | { readonly do: "close" }
  /** Between the parties, outside the connection: one goes on when the other has said the word. */
  | { readonly do: "say"; readonly word: string }
  | { readonly do: "hear"; readonly word: string };

export const send = (bytes: string): Step => ({ do: "send", bytes });
export const drip = (bytes: string): Step => ({ do: "drip", bytes });
export const until = (bytes: string): Step => ({ do: "until", bytes });
export const toEnd: Step = { do: "to-end" };
export const end: Step = { do: "end" };
export const reset: Step = { do: "reset" };
export const close: Step = { do: "close" };
export const say = (word: string): Step => ({ do: "say", word });
export const hear = (word: string): Step => ({ do: "hear", word });

/** How a party saw its connection end; `open`: it did not, while the script ran. */
export type Ending = "open" | "end" | "reset";

export type Expectation =
  /** Both parties receive the very bytes they receive without trafficctl, and see the same end. */
  | { readonly kind: "same" }
  /** Nothing reaches the origin: the client is answered with this status, and its connection ends. */
  | { readonly kind: "refused"; readonly status: number; readonly why: string }
  /** What is not stated here is the same. */
  | {
      readonly kind: "differs";
      readonly why: string;
      readonly toClient?: string | RegExp;
      /** By connection. */
      readonly toOrigin?: readonly (string | RegExp)[];
      readonly clientEnding?: Ending;
      /** How each of the origin's connections ended, whose script waits for the end; `any`: it did. */
      readonly originEndings?: readonly Ending[] | "any";
    };

export const same: Expectation = { kind: "same" };
const refused = (status: number, why: string): Expectation => ({ kind: "refused", status, why });
export const differs = (
  why: string,
  how: Omit<Extract<Expectation, { kind: "differs" }>, "kind" | "why">,
): Expectation => ({ kind: "differs", why, ...how });

/** What the session holds of one exchange; what is not named is not compared, the header fields always are. */
export interface Recorded {
  readonly kind?: "http" | "tunnel" | "websocket";
  readonly method?: string;
  readonly target?: string;
  readonly httpVersion?: string;
  /** null: no response was recorded. */
  readonly status?: number | null;
  readonly reason?: string;
  readonly responseVersion?: string;
  readonly informational?: readonly number[];
  /** The bodies, as latin-1 text. */
  readonly sent?: string;
  readonly got?: string;
  readonly requestTrailers?: readonly (readonly [string, string])[];
  readonly responseTrailers?: readonly (readonly [string, string])[];
  readonly error?: string | null;
  /** HTTP/2's `:authority`. */
  readonly authority?: string;
  /**
   * Of a WebSocket, in the order in which they were whole: `send 1 hello`, `receive 2 \xff compressed truncated
   * origin-closed`, being direction, opcode and the bytes as latin-1 text.
   */
  readonly messages?: readonly string[];
  /** `client 1000 reason`, `server null `; null: there was no close frame. */
  readonly close?: string | null;
  readonly requestTruncated?: string | null;
  readonly responseTruncated?: string | null;
}

/** What docs/wire.md tells of a case. */
export interface CaseRow {
  /** Stable: docs/wire.md and reports refer to it. */
  readonly id: string;
  /** A phrase that says what is shown. */
  readonly shows: string;
  readonly modes?: readonly Mode[];
  /** Why this does not hold yet: the test then expects to fail. */
  readonly open?: string;
}

export interface WireCase extends CaseRow {
  readonly client: readonly Step[];
  /** A script for each connection that the origin takes, in their order. */
  readonly origin: readonly (readonly Step[])[];
  /** Where the origin is spoken to differently through trafficctl: the scripts of that run. */
  readonly originThroughProxy?: readonly (readonly Step[])[];
  readonly expect: Expectation;
  readonly recorded?: readonly Recorded[];
  /** Default all. */
  readonly modes?: readonly Http1Mode[];
}

/** Lines of a head, blank line included. */
export function head(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A request of `method target` with these fields after Host, and a body whose framing the fields state. */
export function request(methodAndTarget: string, fields: readonly string[] = [], body = ""): string {
  return head(`${methodAndTarget} HTTP/1.1`, "Host: %H", ...fields) + body;
}

/** The request of a case that is not about requests. */
export const GET = request("GET %O/a");

/** A 200 that says its length and that it is the connection's last. */
export function ok(body: string, ...fields: readonly string[]): string {
  return response("200 OK", [...fields, `Content-Length: ${body.length}`], body);
}

/** A response that is the connection's last. */
export function response(status: string, fields: readonly string[], body = ""): string {
  return head(`HTTP/1.1 ${status}`, ...fields, "Connection: close") + body;
}

/** Enough of the end of a message to wait for the whole of it. */
function tail(bytes: string): string {
  const end = bytes.replaceAll("%O", "");
  // Not into a placeholder.
  return end.slice(end.at(-25) === "%" ? -25 : -24);
}

/** A case of one request and one response, after which the origin ends the connection; the same unless stated. */
export function oneExchange(
  id: string,
  shows: string,
  ask: string,
  answer: string,
  more: Partial<WireCase> = {},
): WireCase {
  return {
    id,
    shows,
    client: [send(ask), toEnd],
    origin: [[until(tail(ask)), send(answer), end]],
    expect: same,
    ...more,
  };
}

/** A case that is refused before anything of it goes on. */
export function refusal(id: string, shows: string, bytes: string, status = 400, why = "malformed"): WireCase {
  return {
    id,
    shows,
    client: [send(bytes), toEnd],
    origin: [],
    expect: refused(status, why),
    recorded: [],
  };
}
