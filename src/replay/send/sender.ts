// Sends requests by the data path of the proxy, with no client in front of it: bytes, HTTP versions, TLS, timings and
// the recording are those of recorded traffic.
import { toTrafficError } from "../../errors.js";
import type { ClientEndpoint, Exchange } from "../../exchange/exchange.js";
import { createExchangeIds, type ExchangeId } from "../../exchange/id.js";
import type { Recording } from "../../exchange/recording.js";
import { Capture } from "../../proxy/capture.js";
import type { DialOptions } from "../../proxy/dial.js";
import type { FlowServices } from "../../proxy/exchange-flow/flow-services.js";
import { ExchangeFlow } from "../../proxy/exchange-flow.js";
import type { ProxyHooks } from "../../proxy/hooks.js";
import { Upstream } from "../../proxy/upstream.js";
import { type ReceivedBody, SendingClient } from "./client.js";
import { type Destination, destinationOf, type Outgoing, outgoingOf } from "./outgoing.js";
import type { RequestBody, SendRequest } from "./request.js";
import { SentRecording } from "./sent-recording.js";

export interface SenderOptions {
  readonly recording: Recording;
  /** Its time limit is that of a connection. */
  readonly dial: DialOptions;
  /** How long an origin may be silent: before its response, and within it. */
  readonly timeoutMs: number;
}

export interface SendOptions {
  readonly replays?: ExchangeId | undefined;
  /** Bytes of the response's body to keep; without it none. */
  readonly keep?: number | undefined;
}

export interface Sent {
  /** As recorded; `error` where something failed. */
  readonly exchange: Exchange;
  /** null without `keep`. */
  readonly received: ReceivedBody | null;
}

/** Nobody: requests that are sent from here share what a client's connections would. */
const NO_CLIENT: ClientEndpoint = { address: "", port: 0, tls: null };

export class Sender {
  readonly #options: SenderOptions;
  readonly #upstream: Upstream;
  readonly #services: FlowServices;
  readonly #newId = createExchangeIds();
  readonly #flows = new Set<ExchangeFlow>();
  /** Who waits to know what an origin speaks. */
  readonly #asking = new Set<() => void>();
  #stopped = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#upstream = new Upstream(options.dial);
    this.#services = {
      hooks: hooksOf(options.recording, this.#newId),
      upstream: this.#upstream,
      responseTimeoutMs: options.timeoutMs,
      flows: this.#flows,
      tunnels: new Set(),
    };
  }

  /**
   * Resolves when the exchange is over, however it ended: a failure is its `error`.
   * @throws Unsendable, before anything is sent.
   */
  async send(request: SendRequest, options: SendOptions = {}): Promise<Sent> {
    const destination = destinationOf(request);
    const outgoing = outgoingOf(request, destination, await this.#speaksHttp2(destination));
    return await new Promise((resolve) => this.#start(request, outgoing, options, resolve));
  }

  /** What is under way ends as stopped. */
  stop(): void {
    this.#stopped = true;
    for (const flow of [...this.#flows]) flow.stop();
    for (const giveUp of [...this.#asking]) giveUp();
  }

  close(): void {
    this.stop();
    this.#upstream.destroy();
  }

  #start(
    request: SendRequest,
    { target, captured, outgoing }: Outgoing,
    { replays, keep }: SendOptions,
    onOver: (sent: Sent) => void,
  ): void {
    const { timeoutMs } = this.#options;
    const client = new SendingClient(timeoutMs, keep);
    const recording = new SentRecording(this.#options.recording, {
      replays,
      errorOf: () =>
        client.timedOut
          ? { code: "timeout", message: `the response paused for more than ${timeoutMs / 1000} s` }
          : undefined,
      // An answer of the proxy's own to a failure comes after this: it is no response.
      onFinished: (exchange) => onOver({ exchange, received: client.received() }),
    });
    const epochMs = Date.now();
    const id = this.#newId(epochMs);
    const capture = new Capture({ id, epochMs, recording, client: NO_CLIENT, request: captured });
    const about = { url: request.url, outgoing, target, client: NO_CLIENT };
    const flow = new ExchangeFlow(this.#services, client, about, { capture, undecided: false });
    client.begin(flow);
    if (this.#stopped) flow.stop();
    void pump(flow, client, request, outgoing.http2 === undefined && outgoing.framing.kind === "chunked");
  }

  async #speaksHttp2({ origin, serverName, wantsHttp2 }: Destination): Promise<boolean> {
    if (!wantsHttp2) return false;
    // Without TLS there is nothing to ask: prior knowledge (RFC 9113 section 3.3), as when it was recorded.
    if (origin.scheme === "http") return true;
    if (this.#stopped) return false;
    return await new Promise<boolean>((resolve) => {
      const giveUp = (): void => settle(false);
      const settle = (speaks: boolean): void => {
        this.#asking.delete(giveUp);
        resolve(speaks);
      };
      this.#asking.add(giveUp);
      this.#upstream.protocolOf({ ...origin, serverName }, (protocol) => settle(protocol === "h2"));
    });
  }
}

const CHUNK_END = Buffer.from("\r\n");

/** @param chunked the head was sent as it is and says so: the body has to be framed here */
async function pump(
  flow: ExchangeFlow,
  client: SendingClient,
  { body, trailers = [] }: SendRequest,
  chunked: boolean,
): Promise<void> {
  try {
    if (body !== null) await pumpBody(flow, client, body, chunked);
  } catch (error) {
    flow.clientGone(`the request's body can't be read: ${toTrafficError(error).message}`);
    return;
  }
  if (client.over) return;
  if (chunked) {
    const fields = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    flow.requestBody(Buffer.from(`0\r\n${fields}\r\n`, "latin1"), []);
  }
  flow.requestEnd(trailers);
  flow.requestFlush();
}

async function pumpBody(
  flow: ExchangeFlow,
  client: SendingClient,
  body: RequestBody,
  chunked: boolean,
): Promise<void> {
  for await (const data of body.open()) {
    if (client.over) return;
    if (data.length === 0) continue;
    const wire = chunked
      ? Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, CHUNK_END])
      : data;
    flow.requestBody(wire, [data]);
    flow.requestFlush();
    await client.room();
  }
}

/** A flow asks only whether to record; the rest is for clients that are not here. */
function hooksOf(recording: Recording, newId: ProxyHooks["newId"]): ProxyHooks {
  return {
    recording,
    newId,
    select: () => "record",
    intercepts: () => false,
    contextFor: (host) => {
      throw new Error(`no client asks for a certificate of ${host}`);
    },
    landing: () => undefined,
    connectionFailed: () => {},
  };
}
