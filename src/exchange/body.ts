// A body as recorded: the content bytes after transfer decoding, with their content coding untouched.

/** Why a recorded body holds fewer bytes than passed. */
export type Truncation =
  | "max-body" // --max-body
  | "client-closed"
  | "origin-closed"
  | "aborted" // by trafficctl: a timeout, a stop
  | "disk" // the disk was full, or --max-disk was reached
  | "recorder-died"; // found by recovery

interface BodyBase {
  /** Bytes that passed on the wire, without chunk framing. Larger than what is stored when truncated. */
  readonly size: number;
  /** Present when not every byte that belongs to this body is stored. */
  readonly truncated?: Truncation;
  /**
   * When each piece of a streaming body passed: `[milliseconds since the exchange started, bytes]`.
   * Only for streaming media types (server-sent events, ndjson).
   */
  readonly chunks?: readonly (readonly [ms: number, bytes: number])[];
  /** Set when `chunks` stopped growing at its bound while the body went on. */
  readonly chunksTruncated?: true;
  /**
   * Of an imported body, which its HAR kept decoded, and of one that was redacted: `content` when what is stored is without the content coding that
   * the headers name, `text` when it is UTF-8 as well, whatever charset they name. Its stored bytes then differ in number
   * from `size`.
   */
  readonly decoded?: "content" | "text";
}

/** A recorded body. `text` holds valid UTF-8 only; any other bytes are base64; large ones a file of their own. */
export type Body =
  | (BodyBase & { readonly kind: "empty" })
  | (BodyBase & { readonly kind: "text"; readonly text: string })
  | (BodyBase & { readonly kind: "base64"; readonly base64: string })
  /**
   * `file`: path relative to the session's folder, always below `bodies/`; `offset`: where the body begins in a file
   * that it shares with others, absent for a file of its own; `stored`: its bytes there.
   */
  | (BodyBase & {
      readonly kind: "file";
      readonly file: string;
      readonly offset?: number;
      readonly stored: number;
    })
  | (BodyBase & { readonly kind: "omitted" }); // --no-bodies, or a rule kept it out

export const EMPTY_BODY: Body = { kind: "empty", size: 0 };
