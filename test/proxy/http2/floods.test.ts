// What a hostile peer can do without end is bounded, and what an honest one does is not.
import { describe, expect, it } from "vitest";
import { DEFAULT_FLOOD_LIMITS } from "../../../src/proxy/http2/options.js";
import { block, clientRig, frame, GET, type Rig, serverRig } from "./support.js";

const REQUEST = block(GET);
const RESET = "00000008";
const PING = frame(6, 0, 0, Buffer.alloc(8));

/** Sends until the connection ends. @returns how many it took, or `limit` */
function untilClosed(rig: Rig, limit: number, next: (index: number) => Buffer): number {
  for (let index = 0; index < limit; index += 1) {
    rig.connection.receive(next(index));
    rig.written();
    if (rig.connection.closed) {
      expect(rig.log.goneWrong).toBe("ENHANCE_YOUR_CALM");
      return index + 1;
    }
  }
  return limit;
}

const rapidReset = (index: number): Buffer => {
  const stream = index * 2 + 1;
  return Buffer.concat([frame(1, 5, stream, REQUEST), frame(3, 0, stream, RESET)]);
};

describe("floods", () => {
  it("of resets (CVE-2023-44487) end the connection", () => {
    expect(untilClosed(serverRig({ clock: () => 0 }), 5000, rapidReset)).toBe(1001);
  });

  it("of resets are a matter of rate", () => {
    let now = 0;
    const rig = serverRig({ clock: () => now });
    const patient = (index: number): Buffer => {
      now += 10;
      return rapidReset(index);
    };
    expect(untilClosed(rig, 5000, patient)).toBe(5000);
  });

  it("of requests that we have to reset (CVE-2025-8671) end the connection", () => {
    const malformed = block([...GET, ["connection", "x"]]);
    const rig = serverRig({ clock: () => 0 });
    expect(untilClosed(rig, 5000, (index) => frame(1, 5, index * 2 + 1, malformed))).toBe(1001);
  });

  it("of requests above MAX_CONCURRENT_STREAMS end the connection", () => {
    const rig = serverRig({ clock: () => 0, maxConcurrentStreams: 10 });
    expect(untilClosed(rig, 5000, (index) => frame(1, 5, index * 2 + 1, REQUEST))).toBe(1011);
  });

  it("of streams that are complete when they are reset are none", () => {
    const rig = serverRig({ clock: () => 0 });
    const served = (index: number): Buffer => {
      const stream = index * 2 + 1;
      if (index > 0) rig.connection.sendHeaders(stream - 2, [[":status", "200"]], true);
      return Buffer.concat([
        frame(1, 5, stream, REQUEST),
        index > 0 ? frame(3, 0, stream - 2, RESET) : Buffer.alloc(0),
      ]);
    };
    expect(untilClosed(rig, 3000, served)).toBe(3000);
  });

  it("of PING end the connection", () => {
    expect(untilClosed(serverRig({ clock: () => 0 }), 20_000, () => PING)).toBe(10_001);
  });

  it("of SETTINGS end the connection", () => {
    expect(untilClosed(serverRig({ clock: () => 0 }), 5000, () => frame(4, 0, 0))).toBe(100);
  });

  it("of answers that nobody reads end the connection", () => {
    const rig = serverRig({ clock: () => 0 });
    rig.connection.receive(PING);
    rig.accepting = false;
    rig.written();
    expect(untilClosed(rig, 5000, () => PING)).toBe(1001);
  });

  it("of empty DATA end the connection", () => {
    const rig = serverRig({ clock: () => 0 });
    rig.connection.receive(frame(1, 4, 1, REQUEST));
    expect(untilClosed(rig, 5000, () => frame(0, 0, 1))).toBe(1001);
  });

  it("of CONTINUATION end the connection, empty or full", () => {
    const empty = serverRig();
    empty.connection.receive(frame(1, 1, 1, REQUEST));
    expect(untilClosed(empty, 1000, () => frame(9, 0, 1))).toBe(65);
    const full = serverRig();
    full.connection.receive(frame(1, 1, 1, REQUEST));
    expect(untilClosed(full, 1000, () => frame(9, 0, 1, Buffer.alloc(16_384)))).toBeLessThanOrEqual(16);
  });

  it("of 1xx responses end the stream", () => {
    const rig = clientRig();
    rig.connection.openStream(GET, true);
    const early = frame(1, 4, 1, block([[":status", "103"]]));
    for (let count = 0; count < DEFAULT_FLOOD_LIMITS.informational; count += 1) rig.connection.receive(early);
    expect(rig.log.events).toHaveLength(DEFAULT_FLOOD_LIMITS.informational);
    rig.connection.receive(early);
    expect(rig.log.events.slice(-2)).toEqual(["failed 1 ENHANCE_YOUR_CALM", "close 1"]);
  });

  it("of frames that mean nothing cost nothing", () => {
    const rig = serverRig({ clock: () => 0 });
    const priority = Buffer.concat(Array.from({ length: 500 }, () => frame(2, 0, 3, "0000000010")));
    const unknown = Buffer.concat(Array.from({ length: 500 }, () => frame(0xbb, 0, 3, "00")));
    expect(untilClosed(rig, 40, () => Buffer.concat([priority, unknown]))).toBe(40);
    expect(rig.log.events).toEqual([]);
  });
});
