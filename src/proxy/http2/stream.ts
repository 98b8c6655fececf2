// One stream: what each side still may send, what waits to be sent, what the message's fields promised.
import type { RawHeaders } from "../../exchange/headers.js";
import type { HeaderField } from "./hpack/header-entry.js";
import { SendQueue } from "./send-queue.js";

export interface TrailersToSend {
  readonly headers: RawHeaders;
  readonly neverIndexed: ReadonlySet<HeaderField> | undefined;
}

export class Stream {
  readonly id: number;
  /** END_STREAM was sent. */
  localEnded = false;
  /** END_STREAM came. */
  remoteEnded = false;

  // Receiving.

  /** A request, or a response's final head, came: what follows is its body and trailers. */
  headReceived = false;
  informational = 0;
  isHead = false;
  isConnect = false;
  /** What content-length promised, or -1. */
  expectedLength = -1;
  receivedLength = 0;
  /** Octets that the peer may still send. */
  receiveWindow: number;
  /** Octets given to the handler that it did not yet pass on. */
  unconsumed = 0;
  /** Octets passed on that no WINDOW_UPDATE has returned yet. */
  unreturned = 0;

  // Sending.

  /** May be negative (RFC 9113 section 6.9.2). */
  sendWindow: number;
  readonly queue = new SendQueue();
  /** The end was asked for; it goes out when the queue is empty. */
  endQueued = false;
  trailers: TrailersToSend | undefined;
  /** The handler was told to wait. */
  waiting = false;

  constructor(id: number, windows: { receive: number; send: number }) {
    this.id = id;
    this.receiveWindow = windows.receive;
    this.sendWindow = windows.send;
  }
}
