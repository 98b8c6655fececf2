// An exchange between ends that the test plays: the slowest of client, origin and recorder sets the pace, and a client's
// half-close is passed on where it can be.
import { afterEach, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../src/exchange/id.js";
import { createExchangeIds } from "../../src/exchange/id.js";
import { Capture } from "../../src/proxy/capture.js";
import type { ClientEnd, OriginEnd, OriginListener, OutgoingResponse } from "../../src/proxy/ends.js";
import { ExchangeFlow } from "../../src/proxy/exchange-flow.js";
import type { ProxyHooks } from "../../src/proxy/hooks.js";
import { NO_BODY } from "../../src/proxy/http1/framing.js";
import { MemoryRecording } from "../support/memory-recording.js";

const unused = (): never => {
  throw new Error("not expected here");
};
const nothing = (): void => {};

/** An end that writes down what it is told about reading. */
class End implements ClientEnd, OriginEnd {
  /** What `flush` answers. */
  accepting = true;
  reading = true;
  readonly endpoint = { address: "", port: 1, connectionId: 1 as ConnectionId, reused: false, tls: null };
  attach: (listener: OriginListener) => void = nothing;
  sendInformational = nothing;
  /** Heads that it was sent. */
  heads = 0;
  sendHead = (): void => {
    this.heads++;
  };
  sendBody = nothing;
  sendEnd = nothing;
  halfClose?: () => void = nothing;
  abort = nothing;
  close = nothing;
  release = nothing;
  exchangeOver = nothing;
  detach = unused;
  flush = (): boolean => this.accepting;
  pauseRequest = (): void => this.#read(false);
  resumeRequest = (): void => this.#read(true);
  pauseResponse = (): void => this.#read(false);
  resumeResponse = (): void => this.#read(true);

  #read(reading: boolean): void {
    this.reading = reading;
  }
}

const BODY = Buffer.alloc(1000);
const HEAD: OutgoingResponse = {
  status: 200,
  reason: "OK",
  httpVersion: "HTTP/1.1",
  headers: [],
  bytes: undefined,
  framing: { kind: "chunked" },
  closes: false,
};

/** A flow whose recording is behind after 500 bytes of body, and whose origin is reached at once or by `connect`. */
function rig(reached: "at once" | "later" = "at once") {
  const recording = new MemoryRecording({ behindAfter: 500 });
  const [client, origin] = [new End(), new End()];
  let connect = nothing;
  const request = {
    method: "POST",
    url: "http://a.test/",
    target: "/",
    httpVersion: "HTTP/1.1" as const,
    headers: [],
  };
  const endpoint = { address: "", port: 1, tls: null };
  const newId = createExchangeIds();
  const hooks: ProxyHooks = {
    recording,
    newId,
    select: () => "record",
    intercepts: unused,
    contextFor: unused,
    landing: unused,
    connectionFailed: unused,
  };
  const flow = new ExchangeFlow(
    {
      hooks,
      upstream: {
        lease: (_target, _client, callback) => {
          connect = () => callback(undefined, { end: origin, dial: undefined });
          if (reached === "at once") connect();
          return nothing;
        },
      },
      responseTimeoutMs: 1000,
      flows: new Set(),
      tunnels: new Set(),
    },
    client,
    {
      url: request.url,
      outgoing: { ...request, bytes: undefined, framing: NO_BODY },
      target: { scheme: "http", host: "a.test", port: 80, serverName: undefined, alpn: [] },
      client: endpoint,
    },
    {
      capture: new Capture({
        id: newId(0),
        epochMs: 0,
        recording,
        client: endpoint,
        request: { ...request, headersSize: 0 },
      }),
      undecided: false,
    },
  );
  flow.start();
  return { flow, client, origin, recording, connect: () => connect() };
}

test("an origin that drains does not resume the client while the recorder is behind", () => {
  const { flow, client, origin, recording } = rig();
  origin.accepting = false;
  flow.requestBody(BODY, [BODY]);
  flow.requestFlush();
  expect(client.reading).toBe(false);
  origin.accepting = true;
  flow.originDrained();
  expect(client.reading).toBe(false);
  recording.drain();
  expect(client.reading).toBe(true);
  flow.stop();
});

test("a client that drains does not resume the origin while the recorder is behind", () => {
  const { flow, client, origin, recording } = rig();
  client.accepting = false;
  flow.originHead(HEAD);
  flow.originBody(BODY, [BODY]);
  flow.originFlush();
  expect(origin.reading).toBe(false);
  client.accepting = true;
  flow.clientDrained();
  expect(origin.reading).toBe(false);
  recording.drain();
  expect(origin.reading).toBe(true);
  flow.stop();
});

test("a recorder that catches up after the end leaves the connection to the next exchange", () => {
  const { flow, client, recording } = rig();
  flow.requestBody(BODY, [BODY]);
  flow.requestFlush();
  expect(client.reading).toBe(false);
  flow.stop();
  recording.drain();
  expect(client.reading).toBe(false);
});

test.each(["at once", "later"] as const)(
  "a half-close passes to an origin that was reached %s",
  (reached) => {
    const { flow, origin, connect } = rig(reached);
    let ended = 0;
    origin.halfClose = () => {
      ended++;
    };
    flow.requestEnd([]);
    flow.clientHalfClosed();
    if (reached === "later") connect();
    expect([origin.heads, ended]).toEqual([1, 1]);
    flow.stop();
  },
);

test("where the origin's protocol has no half-close, a client that ended its side has left", () => {
  const { flow, origin, recording } = rig();
  delete origin.halfClose;
  let aborted = 0;
  origin.abort = () => {
    aborted++;
  };
  flow.requestEnd([]);
  flow.clientHalfClosed();
  expect(aborted).toBe(1);
  expect(recording.exchanges).toMatchObject([{ error: { code: "client-closed" } }]);
});

test("nor is such an origin, once it is reached, sent the request of a client that has left", () => {
  const { flow, origin, recording, connect } = rig("later");
  delete origin.halfClose;
  flow.requestEnd([]);
  flow.clientHalfClosed();
  connect();
  expect(origin.heads).toBe(0);
  expect(recording.exchanges).toMatchObject([{ error: { code: "client-closed" } }]);
});

/** A response under way, of which some is sent at each of these times after the client ended its side; then the origin fails. */
function cutAfterHalfClose(kind: "closed" | "reset", ...times: number[]) {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { flow, recording } = rig();
  flow.requestEnd([]);
  flow.originHead(HEAD);
  flow.originFlush();
  flow.clientHalfClosed();
  let now = 0;
  for (const time of times) {
    vi.advanceTimersByTime(time - now);
    now = time;
    flow.originBody(BODY, [BODY]);
    flow.originFlush();
  }
  flow.originFailed({ kind, message: "it did" });
  return recording.exchanges[0]!.error?.code;
}

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["nothing was sent since", [], "client-closed"],
  ["all since was sent within a round trip", [0, 1, 500, 1000], "client-closed"],
  ["what was sent at last may be what it is reset for", [5000], "client-closed"],
  ["it took what came later than that: it reads on", [0, 1001], "origin-closed"],
])("the origin gives up after a client ended its side: %s", (_what, times, code) => {
  expect(cutAfterHalfClose("closed", ...times)).toBe(code);
});

test("an origin's reset is its own, whatever the client did", () => {
  expect(cutAfterHalfClose("reset")).toBe("origin-reset");
});
