// Stands in for the origin of an exchange that an intervention concerns: holds the request until it is decided, then sends
// it on, answers it, or ends it. To the flow it is an origin like any other; to the origin it is the flow.
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type {
  DetachedConnection,
  OriginEnd,
  OriginSide,
  OutgoingRequest,
  OutgoingResponse,
} from "../ends.js";
import { CLIENT_ENDED } from "../exchange-flow/failures.js";
import { NO_BODY } from "../http1/framing.js";
import type { RequestContinue, RequestOutcome, SyntheticResponse } from "../intervention.js";
import type { Lease } from "../upstream.js";
import { changedRequest, type SentRequest } from "./changed-request.js";
import { RequestSide } from "./request-side.js";
import { ResponsePassage } from "./response-passage.js";
import { type ResponseOrigin, ResponseSide } from "./response-side.js";
import type { RuledExchange } from "./ruled-exchange.js";
import { SyntheticAnswer } from "./synthetic-answer.js";
import { WebSocketEditor } from "./web-socket-editor.js";

const CONTINUE: OutgoingResponse = {
  status: 100,
  reason: "Continue",
  httpVersion: "HTTP/1.1",
  headers: [],
  bytes: undefined,
  framing: NO_BODY,
  closes: false,
};

export class RuledOrigin implements OriginSide {
  /** For the messages of a WebSocket, where they are of concern. */
  readonly editor: WebSocketEditor | undefined;
  readonly #exchange: RuledExchange;
  readonly #request: RequestSide;
  #state: "collecting" | "deciding" | "going" | "silent" = "collecting";
  #cancelLease: (() => void) | undefined;
  #origin: OriginEnd | undefined;
  #response: ResponseSide | undefined;
  #answer: SyntheticAnswer | undefined;
  #passage: ResponsePassage | undefined;
  /** Bytes of the body that the decision waits for. */
  readonly #bodyLimit: number;
  #awaitsContinue = false;
  #continued = false;

  constructor(exchange: RuledExchange) {
    this.#exchange = exchange;
    this.#request = new RequestSide({
      drained: () => exchange.flow.originDrained(),
      progressed: () => exchange.flow.originWaits(),
      sent: () => exchange.capture?.requestSent(),
    });
    const { webSocket, requestBodyLimit } = exchange.acts;
    // What follows an extended CONNECT is a tunnel, which does not end before it is answered.
    this.#bodyLimit = exchange.request.outgoing.protocol === undefined ? requestBodyLimit : 0;
    const isWebSocket = webSocket !== undefined && exchange.head.upgrade === "websocket";
    this.editor = isWebSocket ? new WebSocketEditor(webSocket) : undefined;
  }

  // From the flow: see OriginSide.

  sendHead(head: OutgoingRequest): void {
    this.#awaitsContinue = /^100-continue$/i.test(headerValue(head.headers, "expect") ?? "");
    if (this.#bodyLimit === 0) this.#decide(undefined, false);
    else if (this.#awaitsContinue) this.#sayContinue();
  }

  sendBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#awaitsContinue = false;
    if (this.editor === undefined || this.#exchange.request.outgoing.protocol === undefined) {
      this.#request.body(wire, data);
    } else for (const piece of data) this.#editedBody(this.editor.fromClient(piece));
    const isTooLarge = this.#request.heldBytes > this.#bodyLimit;
    if (this.#state === "collecting" && isTooLarge) this.#decide(undefined, true);
  }

  sendEnd(trailers: RawHeaders): void {
    this.#request.end(trailers);
    if (this.#state === "collecting") this.#decide(this.#request.whole(), false);
  }

  flush(): boolean {
    return this.#request.flush();
  }

  pauseResponse(): void {
    this.#passage?.pause();
  }

  resumeResponse(): void {
    this.#passage?.resume();
  }

  /** Nobody waits for a held exchange but its client: one that ends its side has left (so do mitmproxy and nginx take it). */
  halfClose(): void {
    const isHeld = this.#state === "deciding" || this.#state === "silent" || this.#response?.isHeld === true;
    if (isHeld)
      this.#exchange.flow.clientGone("the client closed the connection while its exchange was held");
    else if (!this.#request.halfClose()) this.#exchange.flow.clientGone(CLIENT_ENDED.message);
  }

  abort(http2Code?: number): void {
    const origin = this.#origin;
    this.#end();
    origin?.abort(http2Code);
  }

  release(): void {
    const origin = this.#origin;
    const isSent = this.#request.sent;
    this.#end();
    if (isSent) origin?.release();
    else origin?.abort();
  }

  detach(): DetachedConnection {
    if (this.#origin === undefined) throw new Error("there is no connection to detach");
    return this.#origin.detach();
  }

  #decide(body: Buffer | undefined, tooLarge: boolean): void {
    this.#state = "deciding";
    this.#request.deciding();
    const { acts, head } = this.#exchange;
    const message = { head, body, tooLarge, trailers: this.#request.trailers };
    this.#exchange.decide<RequestOutcome>(
      (signal) => acts.request(message, signal),
      (outcome) => {
        this.#state = "going";
        if (outcome.kind === "continue") this.#goOn(outcome);
        else if (outcome.kind === "respond") this.#respond(outcome);
        else this.#exchange.abort(outcome, () => this.#stay());
      },
    );
  }

  #goOn(change: RequestContinue): void {
    const { request, head, flow, capture } = this.#exchange;
    const sent = changedRequest(request, head, change, this.editor !== undefined);
    // The origin has the whole body and may never say it; the client would keep its own, and it could not be told from what follows.
    if (change.body !== undefined && this.#awaitsContinue) this.#sayContinue();
    if (sent.forwarded !== undefined) capture?.forwarded(sent.forwarded);
    let called = false;
    const cancel = flow.lease(sent.target, (error, lease) => {
      called = true;
      this.#cancelLease = undefined;
      if (lease === undefined) flow.originUnreachable(error!);
      else this.#exchange.attempt(() => this.#connected(lease, sent, change));
    });
    if (!called) this.#cancelLease = cancel;
  }

  #connected(lease: Lease, sent: SentRequest, change: RequestContinue): void {
    const { flow } = this.#exchange;
    const origin = lease.end;
    const response = new ResponseSide(this.#exchange, this.#responseOrigin(), {
      method: sent.outgoing.method,
      down: change.throttle?.down,
      continued: this.#continued,
    });
    this.#origin = origin;
    this.#response = response;
    this.#passage = response.passage;
    origin.attach(response);
    flow.originConnected(lease);
    this.#request.sendOn(origin, sent.outgoing, change);
    if (this.#request.clientLeft) flow.clientGone(CLIENT_ENDED.message);
  }

  #respond(answer: SyntheticResponse): void {
    const { request, capture, flow } = this.#exchange;
    // RFC 9110 section 10.1.1: a client that was not told to continue may or may not send the body, so that nothing can follow.
    const closes = this.#awaitsContinue && !this.#request.ended;
    const synthetic = new SyntheticAnswer(request.outgoing, answer, closes, (error) =>
      this.#exchange.failed(error),
    );
    // What came before was waiting, and there is no origin to wait for.
    capture?.clock.connected(undefined);
    this.#request.discard();
    this.#answer = synthetic;
    this.#passage = new ResponsePassage(flow, synthetic);
    synthetic.start(this.#passage);
  }

  /** The client waits for an answer that does not come. */
  #stay(): void {
    this.#state = "silent";
    this.#request.discard();
  }

  #responseOrigin(): ResponseOrigin {
    return {
      pause: () => this.#origin?.pauseResponse(),
      resume: () => this.#origin?.resumeResponse(),
      drained: () => this.#request.originDrained(),
      ended: () => this.#freeOrigin(),
      cut: () => this.#cutOrigin(),
      tunnelOpened: () => this.#openEditor(),
    };
  }

  /** Whatever the client does with the response: its connection may serve another exchange. */
  #freeOrigin(): void {
    if (!this.#request.sent) return;
    this.#origin?.release();
    this.#origin = undefined;
  }

  #cutOrigin(): void {
    this.#origin?.abort();
    this.#origin = undefined;
    this.#request.discard();
  }

  /** Of a WebSocket in a stream of HTTP/2; one of HTTP/1 becomes a relay between two sockets. */
  #openEditor(): ((chunk: Buffer) => Buffer) | undefined {
    const { editor } = this;
    editor?.open({
      toClient: (bytes) => {
        this.#passage?.body(bytes, [bytes]);
        this.#passage?.flush();
      },
      toOrigin: (bytes) => {
        this.#request.body(bytes, [bytes]);
        this.#request.flush();
      },
      fail: (message) => this.#exchange.flow.fail({ code: "websocket-malformed", message }),
    });
    return editor === undefined ? undefined : (chunk) => editor.fromOrigin(chunk);
  }

  #editedBody(edited: Buffer): void {
    if (edited.length > 0) this.#request.body(edited, [edited]);
  }

  #sayContinue(): void {
    this.#continued = true;
    this.#awaitsContinue = false;
    this.#exchange.flow.originInformational(CONTINUE);
    this.#exchange.flow.originFlush();
  }

  #end(): void {
    this.#cancelLease?.();
    this.#cancelLease = undefined;
    this.#origin = undefined;
    this.#request.stop();
    this.#passage?.stop();
    this.#answer?.stop();
    this.editor?.close();
    this.#exchange.end();
  }
}
