// What the parts of a flow share: who takes part in the exchange, and how far it is.
import type { Capture } from "../capture.js";
import type { ClientEnd, OriginSide } from "../ends.js";
import type { RuledOrigin } from "../intervene/ruled-origin.js";
import { ClientPresence } from "./client-presence.js";
import type { FlowRequest, FlowServices } from "./flow-services.js";
import { RequestPassage } from "./request-passage.js";
import { ResponseTimer } from "./response-timer.js";

export class FlowState {
  readonly services: FlowServices;
  readonly client: ClientEnd;
  readonly request: FlowRequest;
  readonly passage: RequestPassage;
  readonly presence = new ClientPresence();
  readonly timer: ResponseTimer;
  capture: Capture | undefined;
  /** Its response decides whether it is recorded. */
  readonly undecided: boolean;
  origin: OriginSide | undefined;
  /** The same, where an intervention concerns this exchange. */
  ruled: RuledOrigin | undefined;
  cancelLease: (() => void) | undefined;
  responseBegun = false;
  responseEnded = false;
  /** An extended CONNECT was accepted: what follows either way is no message, but a tunnel in two streams. */
  tunnel = false;
  over = false;

  constructor(
    services: FlowServices,
    client: ClientEnd,
    request: FlowRequest,
    recording: { capture: Capture | undefined; undecided: boolean },
  ) {
    this.services = services;
    this.client = client;
    this.request = request;
    this.passage = new RequestPassage(client);
    this.timer = new ResponseTimer(services.responseTimeoutMs);
    this.capture = recording.capture;
    this.undecided = recording.undecided;
  }

  discardRecording(): void {
    this.capture?.discard();
    this.capture = undefined;
  }
}
