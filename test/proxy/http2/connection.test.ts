import { describe, expect, it } from "vitest";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { Http2Code } from "../../../src/proxy/http2/errors.js";
import { block, clientRig, EventLog, frame, GET, Rig, SETTINGS, serverRig } from "./support.js";

const OK: RawHeaders = [[":status", "200"]];
const POST: RawHeaders = [[":method", "POST"], ...GET.slice(1)];

function head(stream: number, headers: RawHeaders, endStream = true): Buffer {
  return frame(1, endStream ? 5 : 4, stream, block(headers));
}

function settings(...pairs: (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(4, 0, 0, payload);
}

function windowUpdate(stream: number, increment: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(increment);
  return frame(8, 0, stream, payload);
}

describe("handshake", () => {
  it("of a server states its limits and raises the connection's window", () => {
    const rig = new Rig("server", new EventLog(), { enableConnectProtocol: true, headerTableSize: 8192 });
    expect(rig.writtenText()).toEqual([
      "SETTINGS 0 0 000100002000000300000100000400100000000600040000000800000001",
      "WINDOW_UPDATE 0 16711681",
    ]);
  });

  it("of a client begins with the preface and disables push", () => {
    const rig = new Rig("client", new EventLog());
    expect(rig.writtenText()).toEqual([
      "SETTINGS 0 0 000200000000000400100000000600040000",
      "WINDOW_UPDATE 0 16711681",
    ]);
  });

  it("acknowledges settings and answers pings, in order", () => {
    const rig = serverRig();
    rig.connection.receive(
      Buffer.concat([settings([1, 0]), frame(6, 0, 0, "0102030405060708"), settings([3, 1])]),
    );
    expect(rig.writtenText()).toEqual(["SETTINGS 0 1", "PING 0 1 0102030405060708", "SETTINGS 0 1"]);
  });

  it("passes the answer to a ping on", () => {
    const rig = serverRig();
    rig.connection.ping(Buffer.from("abcdefgh"));
    expect(rig.writtenText()).toEqual(["PING 0 0 6162636465666768"]);
    rig.connection.receive(frame(6, 1, 0, Buffer.from("abcdefgh")));
    expect(rig.log.events).toEqual(["pong 6162636465666768"]);
  });
});

describe("messages", () => {
  it("pass with their order, duplicates, crumbs and trailers", () => {
    const rig = serverRig();
    const fields: RawHeaders = [
      ...POST,
      ["cookie", "a=1"],
      ["x", "1"],
      ["cookie", "b=2"],
      ["x", "1"],
      ["te", "trailers"],
    ];
    rig.connection.receive(
      Buffer.concat([
        head(1, fields, false),
        frame(0, 0, 1, "6869"),
        head(1, [
          ["t", "2"],
          ["t", "1"],
        ]),
      ]),
    );
    expect(rig.log.events).toEqual([
      "headers 1 :method=POST :scheme=https :authority=example.test :path=/ cookie=a=1 x=1 cookie=b=2 x=1 te=trailers",
      "data 1 hi",
      "trailers 1 t=2 t=1",
    ]);
    rig.connection.sendHeaders(
      1,
      [
        [":status", "103"],
        ["link", "x"],
      ],
      false,
    );
    rig.connection.sendHeaders(1, [...OK, ["set-cookie", "b"], ["set-cookie", "a"]], false);
    expect(rig.connection.sendData(1, Buffer.from("body"), false)).toBe(true);
    rig.connection.sendTrailers(1, [["grpc-status", "0"]]);
    expect(rig.writtenText()).toEqual([
      "HEADERS 1 4 :status=103 link=x",
      "HEADERS 1 4 :status=200 set-cookie=b set-cookie=a",
      "DATA 1 0 4",
      "HEADERS 1 5 grpc-status=0",
    ]);
    expect(rig.log.events.at(-1)).toBe("close 1");
    expect(rig.connection.openStreams).toBe(0);
  });

  it("reach the client with every 1xx", () => {
    const rig = clientRig();
    const stream = rig.connection.openStream(GET, true);
    expect(stream).toBe(1);
    rig.connection.receive(
      Buffer.concat([
        head(1, [[":status", "100"]], false),
        head(1, [[":status", "103"]], false),
        head(1, OK, false),
        frame(0, 1, 1),
      ]),
    );
    expect(rig.log.events).toEqual([
      "headers 1 :status=100",
      "headers 1 :status=103",
      "headers 1 :status=200",
      "data 1  end",
      "close 1",
    ]);
  });

  it("come out of padding, priorities and CONTINUATION", () => {
    const rig = serverRig();
    const bytes = block(POST);
    const padded = Buffer.concat([
      Buffer.from([3]),
      Buffer.from("0000000010", "hex"),
      bytes.subarray(0, 9),
      Buffer.alloc(3),
    ]);
    rig.connection.receive(
      Buffer.concat([
        frame(1, 0x28, 1, padded),
        frame(9, 0, 1, bytes.subarray(9, 10)),
        frame(9, 0, 1),
        frame(9, 4, 1, bytes.subarray(10)),
        frame(0, 9, 1, Buffer.concat([Buffer.from([4]), Buffer.from("data"), Buffer.alloc(4)])),
      ]),
    );
    expect(rig.log.events).toEqual([
      "headers 1 :method=POST :scheme=https :authority=example.test :path=/",
      "data 1 data end",
    ]);
  });

  it("go out in CONTINUATION frames where they are large", () => {
    const rig = clientRig();
    const large: RawHeaders = [...GET, ["a", "\u00ff".repeat(40_000)]];
    rig.connection.openStream(large, true);
    const frames = rig.written();
    expect(frames.map(({ type, flags, payload }) => [type, flags, payload.length <= 16_384])).toEqual([
      [1, 1, true],
      [9, 0, true],
      [9, 4, true],
    ]);
    const server = serverRig();
    for (const { type, flags, stream, payload } of frames)
      server.connection.receive(frame(type, flags, stream, payload));
    expect(server.log.events).toEqual([
      `headers 1 end ${large.map(([name, value]) => `${name}=${value}`).join(" ")}`,
    ]);
  });

  it("keep the mark of what must never be indexed", () => {
    const from = clientRig();
    const secret: RawHeaders[number] = ["x-token", "s"];
    from.connection.openStream([...GET, secret, ["x-token", "s"]], true, new Set([secret]));
    const server = serverRig();
    for (const { type, flags, stream, payload } of from.written()) {
      server.connection.receive(frame(type, flags, stream, payload));
    }
    expect(server.log.neverIndexed).toEqual(["x-token"]);
  });

  it("leave as one buffer, but for large data", () => {
    const rig = serverRig();
    rig.connection.receive(Buffer.concat([head(1, GET), head(3, GET)]));
    rig.writes.length = 0;
    const flushes = rig.flushes;
    for (const stream of [1, 3]) {
      rig.connection.sendHeaders(stream, OK, false);
      rig.connection.sendData(stream, Buffer.from("small"), false);
    }
    rig.connection.sendData(1, Buffer.alloc(10_000), false);
    rig.connection.sendData(3, Buffer.from("small"), true);
    expect(rig.flushes).toBe(flushes + 1);
    expect(rig.written().map(({ type }) => type)).toEqual([1, 0, 1, 0, 0, 0]);
    expect(rig.writes).toEqual([2 * (9 + 1 + 9 + 5) + 9, 10_000, 9 + 5]);
  });
});

describe("sending within windows", () => {
  it("waits for the stream's window and says when it is free", () => {
    const rig = clientRig();
    rig.connection.receive(settings([4, 10]));
    const stream = rig.connection.openStream(POST, false)!;
    expect(rig.connection.sendData(stream, Buffer.alloc(15), false)).toBe(false);
    expect(rig.connection.sendData(stream, Buffer.alloc(5), true)).toBe(false);
    expect(rig.writtenText().slice(2)).toEqual(["DATA 1 0 10"]);
    rig.connection.receive(windowUpdate(1, 6));
    expect(rig.writtenText()).toEqual(["DATA 1 0 6"]);
    expect(rig.log.events).toEqual([]);
    rig.connection.receive(windowUpdate(1, 100));
    expect(rig.writtenText()).toEqual(["DATA 1 1 4"]);
    expect(rig.log.events).toEqual(["writable 1"]);
  });

  it("sends trailers after what waits, and an end without a window", () => {
    const rig = clientRig();
    rig.connection.receive(settings([4, 0]));
    rig.connection.openStream(POST, false);
    rig.connection.openStream(POST, false);
    rig.connection.sendData(1, Buffer.alloc(3), false);
    rig.connection.sendTrailers(1, [["t", "1"]]);
    rig.connection.sendData(3, Buffer.alloc(0), true);
    expect(rig.writtenText().slice(-1)).toEqual(["DATA 3 1 0"]);
    rig.connection.receive(windowUpdate(1, 3));
    expect(rig.writtenText()).toEqual(["DATA 1 0 3", "HEADERS 1 5 t=1"]);
  });

  it("takes turns when the connection's window is what is missing", () => {
    const rig = clientRig();
    rig.connection.receive(settings([4, 1_000_000]));
    rig.written();
    for (const stream of [1, 3, 5]) {
      rig.connection.openStream(POST, false);
      rig.connection.sendData(stream, Buffer.alloc(200_000), true);
    }
    rig.written();
    rig.connection.receive(windowUpdate(0, 16_384 * 5));
    expect(rig.writtenText().map((line) => line.split(" ")[1])).toEqual(["1", "3", "5", "1", "3"]);
    rig.connection.receive(windowUpdate(0, 16_384 * 2));
    expect(rig.writtenText().map((line) => line.split(" ")[1])).toEqual(["5", "1"]);
  });

  it("follows a window that SETTINGS make negative", () => {
    const rig = clientRig();
    rig.connection.openStream(POST, false);
    rig.connection.sendData(1, Buffer.alloc(60_000), false);
    rig.connection.receive(settings([4, 10_000]));
    expect(rig.connection.sendData(1, Buffer.alloc(10), true)).toBe(false);
    rig.connection.receive(windowUpdate(0, 1_000_000));
    rig.written();
    rig.connection.receive(windowUpdate(1, 50_000));
    expect(rig.writtenText()).toEqual([]);
    rig.connection.receive(windowUpdate(1, 1));
    expect(rig.writtenText()).toEqual(["DATA 1 0 1"]);
    rig.connection.receive(settings([4, 10_009]));
    expect(rig.writtenText()).toEqual(["SETTINGS 0 1", "DATA 1 1 9"]);
  });

  it("frames no more than the transport takes", () => {
    const rig = clientRig();
    rig.connection.receive(Buffer.concat([settings([4, 0x7fffffff]), windowUpdate(0, 0x7fff0000)]));
    rig.connection.openStream(POST, false);
    rig.written();
    rig.accepting = false;
    expect(rig.connection.sendData(1, Buffer.alloc(3_000_000), false)).toBe(false);
    const sent = (): number => rig.written().reduce((sum, { payload }) => sum + payload.length, 0);
    expect(sent()).toBeLessThanOrEqual(256 * 1024 + 16_384);
    expect(sent()).toBe(0);
    rig.connection.drained();
    const next = sent();
    expect(next).toBeGreaterThan(0);
    expect(next).toBeLessThanOrEqual(256 * 1024 + 16_384);
    rig.accepting = true;
    rig.connection.drained();
    sent();
    expect(rig.log.events).toEqual(["writable 1"]);
  });

  it("sends nothing more of a stream that was reset", () => {
    const rig = clientRig();
    rig.connection.receive(settings([4, 5]));
    rig.connection.openStream(POST, false);
    rig.connection.sendData(1, Buffer.alloc(10), true);
    rig.written();
    rig.connection.reset(1, Http2Code.CANCEL);
    rig.connection.receive(windowUpdate(1, 10));
    rig.connection.receive(windowUpdate(0, 10));
    expect(rig.connection.sendData(1, Buffer.alloc(10), true)).toBe(true);
    expect(rig.writtenText()).toEqual(["RST_STREAM 1 CANCEL"]);
    expect(rig.log.events).toEqual(["close 1"]);
  });

  it("ends nothing that the handler cuts off when it may write again", () => {
    class Cutting extends EventLog {
      override onWritable(stream: number): void {
        rig.connection.reset(stream, Http2Code.CANCEL);
      }
    }
    const rig: Rig<Cutting> = new Rig("client", new Cutting());
    rig.connection.receive(Buffer.concat([SETTINGS, settings([4, 2])]));
    rig.connection.openStream(POST, false);
    rig.connection.sendData(1, Buffer.alloc(4), false);
    rig.connection.sendTrailers(1, [["t", "1"]]);
    rig.written();
    rig.connection.receive(windowUpdate(1, 100));
    expect(rig.writtenText()).toEqual(["DATA 1 0 2", "RST_STREAM 1 CANCEL"]);
    expect(rig.log.events).toEqual(["close 1"]);
  });

  it("sends what the handler adds when it may write again, before the end", () => {
    class Refill extends EventLog {
      override onWritable(stream: number): void {
        super.onWritable(stream);
        if (this.events.length < 3)
          rig.connection.sendData(stream, Buffer.alloc(4), this.events.length === 2);
      }
    }
    const rig: Rig<Refill> = new Rig("client", new Refill());
    rig.connection.receive(Buffer.concat([SETTINGS, settings([4, 2])]));
    rig.connection.openStream(POST, false);
    rig.connection.sendData(1, Buffer.alloc(4), false);
    rig.written();
    rig.connection.receive(windowUpdate(1, 3));
    rig.connection.receive(windowUpdate(1, 100));
    expect(rig.writtenText()).toEqual(["DATA 1 0 2", "DATA 1 0 1", "DATA 1 0 3", "DATA 1 1 4"]);
    expect(rig.log.events).toEqual(
      ["writable 1", "writable 1", "writable 1"].slice(0, rig.log.events.length),
    );
  });
});

describe("receiving within windows", () => {
  it("returns half a window at a time, of the stream and of the connection", () => {
    const rig = serverRig({ streamWindow: 70_000, connectionWindow: 100_000 });
    rig.connection.receive(Buffer.concat([head(1, POST, false), head(3, POST, false)]));
    const data = Buffer.alloc(10_000);
    for (let count = 0; count < 4; count += 1) rig.connection.receive(frame(0, 0, 1, data));
    rig.connection.receive(Buffer.concat([frame(0, 0, 3, data), frame(0, 0, 3, data)]));
    expect(rig.writtenText()).toEqual([]);
    rig.connection.consumed(1, 34_999);
    expect(rig.writtenText()).toEqual([]);
    rig.connection.consumed(1, 1);
    rig.connection.consumed(3, 15_000);
    expect(rig.writtenText()).toEqual(["WINDOW_UPDATE 1 35000", "WINDOW_UPDATE 0 50000"]);
    // Only what came can be consumed.
    rig.connection.consumed(3, 1_000_000);
    rig.connection.consumed(1, 1_000_000);
    expect(rig.writtenText()).toEqual([]);
  });

  it("counts padding, which nobody consumes, as consumed", () => {
    const rig = serverRig({ streamWindow: 1000, connectionWindow: 65_535 });
    rig.connection.receive(head(1, POST, false));
    rig.connection.receive(frame(0, 8, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(256)])));
    rig.connection.receive(frame(0, 8, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(255)])));
    expect(rig.writtenText()).toEqual(["WINDOW_UPDATE 1 512"]);
    expect(rig.log.events[1]).toBe("data 1 \u0000");
  });

  it("returns what a reset stream holds, and what still comes of it, to the connection", () => {
    const rig = serverRig({ streamWindow: 100_000, connectionWindow: 65_536 });
    rig.connection.receive(Buffer.concat([head(1, POST, false), frame(0, 0, 1, Buffer.alloc(16_384))]));
    rig.connection.reset(1, Http2Code.CANCEL);
    rig.connection.receive(frame(0, 0, 1, Buffer.alloc(16_384)));
    expect(rig.writtenText()).toEqual(["RST_STREAM 1 CANCEL", "WINDOW_UPDATE 0 32768"]);
    rig.connection.receive(Buffer.concat([head(3, POST, false), frame(0, 0, 3, Buffer.alloc(16_384))]));
    rig.connection.receive(Buffer.concat([frame(0, 0, 3, Buffer.alloc(16_384)), frame(3, 0, 3, "00000008")]));
    expect(rig.writtenText()).toEqual(["WINDOW_UPDATE 0 32768"]);
  });

  it("keeps a complete stream's data counted until it is consumed or given up", () => {
    const rig = clientRig({ streamWindow: 100_000, connectionWindow: 65_536 });
    for (const stream of [1, 3]) {
      rig.connection.openStream(GET, true);
      rig.connection.receive(
        Buffer.concat([head(stream, OK, false), frame(0, 1, stream, Buffer.alloc(16_384))]),
      );
    }
    rig.written();
    expect(rig.connection.openStreams).toBe(0);
    rig.connection.consumed(1, 16_384);
    expect(rig.writtenText()).toEqual([]);
    rig.connection.reset(3, Http2Code.CANCEL);
    expect(rig.writtenText()).toEqual(["WINDOW_UPDATE 0 32768"]);
    rig.connection.consumed(3, 16_384);
    rig.connection.reset(3, Http2Code.CANCEL);
    expect(rig.writtenText()).toEqual([]);
  });

  it("lets the peer use the initial window until it knows of a smaller one", () => {
    const rig = new Rig("server", new EventLog(), { streamWindow: 100 });
    rig.connection.receive(
      Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), SETTINGS, head(1, POST, false)]),
    );
    rig.connection.receive(frame(0, 0, 1, Buffer.alloc(5000)));
    rig.connection.receive(frame(4, 1, 0));
    rig.written();
    rig.connection.consumed(1, 5000);
    expect(rig.writtenText()).toEqual(["WINDOW_UPDATE 1 5000"]);
    rig.connection.receive(frame(0, 0, 1, Buffer.alloc(101)));
    expect(rig.writtenText()).toEqual(["RST_STREAM 1 FLOW_CONTROL_ERROR"]);
  });
});

describe("resets and GOAWAY", () => {
  it("passes codes both ways, unknown ones too", () => {
    const rig = serverRig();
    rig.connection.receive(Buffer.concat([head(1, GET), head(3, GET), frame(3, 0, 1, "000000ff")]));
    rig.connection.reset(3, Http2Code.INTERNAL_ERROR);
    expect(rig.log.events.slice(2)).toEqual(["reset 1 0xff", "close 1", "close 3"]);
    expect(rig.writtenText()).toEqual(["RST_STREAM 3 INTERNAL_ERROR"]);
    // Crossing on the wire: read over.
    rig.connection.receive(Buffer.concat([frame(3, 0, 3, "00000008"), windowUpdate(3, 1)]));
    expect(rig.connection.closed).toBe(false);
  });

  it("reads over what was under way to a stream it reset, and keeps its tables", () => {
    const rig = serverRig();
    rig.connection.receive(head(1, POST, false));
    rig.connection.reset(1, Http2Code.CANCEL);
    const indexed = Buffer.from("40016101 62".replaceAll(" ", ""), "hex");
    rig.connection.receive(Buffer.concat([frame(0, 0, 1, "00"), frame(1, 5, 1, indexed)]));
    rig.connection.receive(frame(1, 5, 3, Buffer.concat([block(GET), Buffer.from([0xbe])])));
    expect(rig.log.events.at(-1)).toMatch(/^headers 3 end .* a=b$/);
  });

  it("tells which requests a GOAWAY left unprocessed", () => {
    const rig = clientRig();
    for (let count = 0; count < 3; count += 1) rig.connection.openStream(GET, true);
    rig.connection.receive(frame(7, 0, 0, `00000001 00000000 ${Buffer.from("bye").toString("hex")}`));
    expect(rig.log.events).toEqual([
      "goaway 1 NO_ERROR bye",
      "failed 3 REFUSED_STREAM",
      "close 3",
      "failed 5 REFUSED_STREAM",
      "close 5",
    ]);
    expect(rig.connection.canOpen).toBe(false);
    expect(rig.connection.openStream(GET, true)).toBeUndefined();
    rig.connection.receive(head(1, OK));
    expect(rig.log.events.slice(-2)).toEqual(["headers 1 end :status=200", "close 1"]);
  });

  it("takes no new streams after its own GOAWAY, and finishes the old ones", () => {
    const rig = serverRig();
    rig.connection.receive(head(1, POST, false));
    rig.connection.goaway(Http2Code.NO_ERROR, { lastStream: 0x7fffffff });
    rig.connection.receive(head(3, GET));
    rig.connection.goaway(Http2Code.NO_ERROR, { debugData: Buffer.from("why") });
    rig.connection.receive(
      Buffer.concat([head(5, POST, false), frame(0, 1, 5, "00"), frame(0, 1, 1, "6869")]),
    );
    expect(rig.log.events.map((event) => event.split(" ").slice(0, 2).join(" "))).toEqual([
      "headers 1",
      "headers 3",
      "data 1",
    ]);
    expect(rig.writtenText()).toEqual(["GOAWAY 2147483647 NO_ERROR", "GOAWAY 3 NO_ERROR"]);
  });

  it("opens as many streams as the peer allows", () => {
    const rig = new Rig("client", new EventLog());
    const open = (): number => {
      let count = 0;
      while (rig.connection.openStream(GET, true) !== undefined) count += 1;
      return count;
    };
    expect(open()).toBe(100);
    rig.connection.receive(settings([3, 102]));
    expect(open()).toBe(2);
    rig.connection.receive(head(1, OK));
    expect(rig.connection.canOpen).toBe(true);
    rig.connection.receive(settings([3, 5]));
    expect(rig.connection.canOpen).toBe(false);
  });

  it("is silent after close", () => {
    const rig = serverRig();
    rig.connection.receive(head(1, GET));
    rig.connection.close();
    rig.connection.receive(head(3, GET));
    rig.connection.sendHeaders(1, OK, true);
    rig.connection.reset(1, 0);
    rig.connection.goaway(0);
    expect(rig.writtenText()).toEqual([]);
    expect(rig.log.events).toHaveLength(1);
  });

  it("reads no further when a callback closes it", () => {
    class Closing extends EventLog {
      override onHeaders(...event: Parameters<EventLog["onHeaders"]>): void {
        super.onHeaders(...event);
        rig.connection.close();
      }
    }
    const rig: Rig<Closing> = new Rig("server", new Closing());
    rig.connection.receive(
      Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), SETTINGS, head(1, GET), head(3, GET)]),
    );
    expect(rig.log.events).toHaveLength(1);
  });
});
