// How behaviour reaches the proxy: it knows exchanges and connections, and asks these hooks about everything else.
import type { SecureContext } from "node:tls";
import type { ClientEndpoint } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { ExchangeId } from "../exchange/id.js";
import type { Recording } from "../exchange/recording.js";
import type { Intervention } from "./intervention.js";

/** What is known of an exchange when its recording is decided: with its request, and again with its response. */
interface Candidate {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: RawHeaders;
  readonly response?: { readonly status: number; readonly headers: RawHeaders };
}

/** `later`: it depends on the response. */
type Selection = "record" | "skip" | "later";

export interface ProxyHooks {
  readonly recording: Recording;
  /** What may change traffic; absent: nothing does. */
  readonly intervention?: Intervention;
  newId(epochMs: number): ExchangeId;
  select(candidate: Candidate): Selection;
  /** Whether connections to this host are decrypted; otherwise they pass as tunnels. */
  intercepts(host: string): boolean;
  /** The certificate for a host, with its key. @throws Error for a name that no certificate can carry. */
  contextFor(host: string): SecureContext;
  /** What a request to the proxy itself gets (the landing page); undefined: nothing is there. */
  landing(target: string): LandingResponse | undefined;
  /** A client's connection failed before there was an exchange: a line in the log. */
  connectionFailed(failure: { client: ClientEndpoint; message: string }): void;
}

export interface LandingResponse {
  readonly contentType: string;
  readonly body: Buffer;
  readonly fileName?: string;
}
