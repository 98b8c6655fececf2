// What a body means, as data: the command line renders it, MCP returns it. Everything in it is bounded.
import type { RawHeaders } from "../exchange/headers.js";
import type { Chunks } from "./decoded-chunks.js";
import type { ServerSentEvent } from "./events.js";
import type { GraphqlOperation } from "./graphql.js";
import type { ImageInfo } from "./image-size.js";
import type { Jwt } from "./jwt.js";
import type { ProtobufMessage } from "./protobuf.js";

export interface ViewInput {
  /** The content, without content coding (`decodeContent`). */
  readonly bytes: Buffer;
  /** As sent, or "". */
  readonly contentType: string;
  /** Of the same message. */
  readonly headers: RawHeaders;
  /** Of a request only: GraphQL may stand in its query. */
  readonly url?: string;
  /** When the content came, in decoded bytes (`decodedChunks`): gives events their times. */
  readonly chunks?: Chunks;
  /** Bytes of the content to look at; 1 MB by default, since this runs at once. */
  readonly limit?: number;
  /** Bytes to show of what is only bytes; 1 KB by default. */
  readonly dumpLimit?: number;
}

interface ViewBase {
  /** Bytes of the content. */
  readonly size: number;
  /** Bytes of it that were looked at, where those are not all. */
  readonly shown?: number;
  /** A sentence: what is wrong with the content, or was left out. */
  readonly problem?: string;
  /** JSON Web Tokens in its text. */
  readonly jwts?: readonly Jwt[];
}

export type TextLanguage = "plain" | "html" | "xml" | "css" | "javascript" | "json" | "yaml" | "markdown";

export interface TimedEvent extends ServerSentEvent {
  /** Milliseconds since the exchange started; null where that is not known. */
  readonly time: number | null;
}

export interface PartView {
  readonly name?: string;
  readonly filename?: string;
  readonly headers: RawHeaders;
  readonly view: ContentView;
}

interface GrpcMessageView {
  readonly kind: "message" | "trailers";
  readonly compressed: boolean;
  /** Bytes on the wire, without the prefix. */
  readonly size: number;
  readonly view: ContentView;
}

/** One kind for each meaning; `switch` over `kind`. */
export type ContentView = ViewBase &
  (
    | { readonly kind: "empty" }
    | {
        readonly kind: "text";
        readonly language: TextLanguage;
        readonly text: string;
        readonly charset: string;
      }
    /** `text` is indented, its tokens as sent (`jsonTokens` gives them for colours); `prefix` stood before it (`)]}'`). */
    | { readonly kind: "json"; readonly text: string; readonly charset: string; readonly prefix?: string }
    /** One JSON text a line, as sent; `json` says whether it is one. */
    | {
        readonly kind: "ndjson";
        readonly records: readonly { readonly text: string; readonly json: boolean }[];
      }
    | { readonly kind: "form"; readonly fields: readonly { readonly name: string; readonly value: string }[] }
    | { readonly kind: "multipart"; readonly parts: readonly PartView[] }
    /** `source` of an SVG. */
    | { readonly kind: "image"; readonly image: ImageInfo; readonly source?: string }
    | { readonly kind: "events"; readonly events: readonly TimedEvent[] }
    | { readonly kind: "graphql"; readonly operations: readonly GraphqlOperation[]; readonly batch: boolean }
    | { readonly kind: "protobuf"; readonly fields: ProtobufMessage["fields"] }
    | { readonly kind: "grpc"; readonly messages: readonly GrpcMessageView[] }
    /** Diagnostic notation (RFC 8949 section 8) of either format. */
    | { readonly kind: "data"; readonly format: "msgpack" | "cbor"; readonly text: string }
    /** `format` where it was recognised; `dump` as of `hexdump -C`, of its first bytes. */
    | { readonly kind: "binary"; readonly format?: string; readonly dump: string; readonly dumped: number }
  );
