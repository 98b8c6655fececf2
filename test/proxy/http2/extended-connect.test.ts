// RFC 8441 in the protocol, and the connection to an origin that has to offer it first.
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { ConnectionId } from "../../../src/exchange/id.js";
import type { DialTarget } from "../../../src/proxy/dial.js";
import { leaseExtendedConnect } from "../../../src/proxy/http2/extended-connect.js";
import { Flag, FrameType } from "../../../src/proxy/http2/frames.js";
import { Http2OriginConnection } from "../../../src/proxy/http2/origin-connection.js";
import { block, clientRig, frame, type Rig, serverRig } from "./support.js";

const CONNECT: [string, string][] = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "https"],
  [":authority", "example.test"],
  [":path", "/chat"],
];
const { END_STREAM, END_HEADERS } = Flag;
const response = (...fields: [string, string][]): Buffer =>
  frame(FrameType.HEADERS, END_HEADERS, 1, block(fields));

describe("an extended CONNECT", () => {
  it("reaches a server that offers it", () => {
    const rig = serverRig({ enableConnectProtocol: true });
    rig.connection.receive(frame(FrameType.HEADERS, END_HEADERS, 1, block(CONNECT)));
    expect(rig.log.events).toEqual([
      "headers 1 :method=CONNECT :protocol=websocket :scheme=https :authority=example.test :path=/chat",
    ]);
  });

  const opened = (): Rig => {
    const rig = clientRig();
    rig.connection.openStream(CONNECT, false);
    return rig;
  };

  it("that is accepted is followed by data alone, whatever content-length says", () => {
    const rig = opened();
    rig.connection.receive(response([":status", "200"], ["content-length", "1"]));
    rig.connection.receive(frame(FrameType.DATA, 0, 1, Buffer.from("abc")));
    rig.connection.receive(frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, block([["x-end", "1"]])));
    expect(rig.log.events.slice(0, 2)).toEqual(["headers 1 :status=200 content-length=1", "data 1 abc"]);
    expect(rig.log.events[2]).toMatch(/^failed 1 PROTOCOL_ERROR/);
  });

  it("that is refused has a response like any other, with its length and trailers", () => {
    const rig = opened();
    rig.connection.receive(response([":status", "403"], ["content-length", "3"]));
    rig.connection.receive(frame(FrameType.DATA, 0, 1, Buffer.from("no!")));
    rig.connection.receive(frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, block([["x-end", "1"]])));
    expect(rig.log.events.slice(1)).toEqual(["data 1 no!", "trailers 1 x-end=1"]);
    const short = opened();
    short.connection.receive(response([":status", "403"], ["content-length", "3"]));
    short.connection.receive(frame(FrameType.DATA, END_STREAM, 1, Buffer.from("no")));
    expect(short.log.events.at(-2)).toMatch(/^failed 1 PROTOCOL_ERROR/);
  });
});

describe("the origin's SETTINGS", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const NOBODY = { gone: (): void => {}, settingsCame: (): void => {} };

  async function connected(server: net.Server): Promise<{ ours: Http2OriginConnection; theirs: net.Socket }> {
    const accepted = once(server, "connection");
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const socket = net.connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
    const [theirs] = (await accepted) as [net.Socket];
    const endpoint = { address: "127.0.0.1", port: 1, connectionId: 1 as ConnectionId, tls: null };
    const options = { socket, transport: socket, scheme: "http", endpoint, owner: NOBODY };
    const ours = new Http2OriginConnection(options);
    onTestFinished(() => {
      ours.destroy();
      theirs.destroy();
      server.close();
    });
    return { ours, theirs };
  }

  it.each([true, false])("are waited for; offered: %s", async (enableConnectProtocol) => {
    const { ours } = await connected(http2.createServer({ settings: { enableConnectProtocol } }));
    expect(ours.offersExtendedConnect).toBe(false);
    await new Promise<void>((resolve) => ours.whenSettled(resolve));
    expect(ours.offersExtendedConnect).toBe(enableConnectProtocol);
    const again = vi.fn();
    ours.whenSettled(again);
    expect(again).toHaveBeenCalledOnce();
  });

  it("are not waited for when the connection ends", async () => {
    const { ours, theirs } = await connected(net.createServer());
    const settled = new Promise<void>((resolve) => ours.whenSettled(resolve));
    theirs.end();
    await settled;
    expect(ours.offersExtendedConnect).toBe(false);
  });

  it("are not waited for for ever", async () => {
    const { ours } = await connected(net.createServer((socket) => socket.resume()));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const settled = vi.fn();
    ours.whenSettled(settled);
    vi.advanceTimersByTime(1_999);
    expect(settled).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(settled).toHaveBeenCalledOnce();
  });

  it("a client that leaves meanwhile gives its stream back", async () => {
    const { ours } = await connected(net.createServer((socket) => socket.resume()));
    const target: DialTarget = {
      scheme: "http",
      host: "a.test",
      port: 80,
      serverName: undefined,
      alpn: ["h2"],
    };
    const callback = vi.fn();
    const upstream = {
      lease: (...[, , done]: Parameters<Parameters<typeof leaseExtendedConnect>[0]["lease"]>) => {
        done(undefined, { end: ours.lease(), dial: undefined });
        return () => {};
      },
    };
    const cancel = leaseExtendedConnect(upstream, target, {}, callback);
    expect(ours.isIdle).toBe(false);
    cancel();
    expect(ours.isIdle).toBe(true);
    ours.destroy();
    await new Promise<void>((resolve) => ours.whenSettled(resolve));
    expect(callback).not.toHaveBeenCalled();
  });
});
