// The sender alone: what it holds of a body, and how it ends.
import { describe, expect, test } from "vitest";
import { upstreamContext } from "../../src/proxy/roots.js";
import { bodyOf, type SendRequest, Unsendable } from "../../src/replay/send/request.js";
import { Sender } from "../../src/replay/send/sender.js";
import type { Recorder } from "../../src/session/recorder.js";
import { readFinished, startRecorder } from "../session/support.js";
import { http2Origin, httpOrigin, rawOrigin } from "../support/origin.js";
import { world } from "../support/world.js";

const { authority, opened } = world();

async function started(): Promise<{ sender: Sender; recorder: Recorder }> {
  const recorder = await startRecorder();
  const dial = { secureContext: await upstreamContext({}), verify: false, timeoutMs: 5_000 };
  return { recorder, sender: new Sender({ recording: recorder, dial, timeoutMs: 5_000 }) };
}

const PIECE = 64 * 1024;
const PIECES = 512;

/** Takes the body of a request slowly. @returns how far the sender was ahead of it at the most */
function upload(url: string, version: SendRequest["httpVersion"], received: () => number) {
  let given = 0;
  let ahead = 0;
  const request: SendRequest = {
    method: "POST",
    url,
    httpVersion: version,
    headers: [],
    body: {
      size: PIECE * PIECES,
      async *open() {
        for (let at = 0; at < PIECES; at++) {
          given += PIECE;
          ahead = Math.max(ahead, given - received());
          yield Buffer.alloc(PIECE, "x");
        }
      },
    },
  };
  return { request, ahead: () => ahead };
}

describe("a body of 32 MB to an origin that reads slowly", () => {
  test("over HTTP/1.1 waits for it", async () => {
    let received = 0;
    const origin = await opened(
      rawOrigin((socket) => {
        socket.on("data", (data) => {
          received += data.length;
          socket.pause();
          setImmediate(() => socket.resume());
          if (received >= PIECE * PIECES) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
      }),
    );
    const { request, ahead } = upload(`http://127.0.0.1:${origin.port}/`, "HTTP/1.1", () => received);
    await expectAnswered(request);
    // What the kernel holds of a connection within one machine is a few MB.
    expect(ahead()).toBeLessThan(12 * 1024 * 1024);
  });

  test("over HTTP/2 waits for its windows", async () => {
    let received = 0;
    const origin = await opened(
      http2Origin(authority, (stream) => {
        stream.on("data", (data: Buffer) => {
          received += data.length;
          stream.pause();
          setImmediate(() => stream.resume());
        });
        stream.on("end", () => {
          stream.respond({ ":status": 200 });
          stream.end();
        });
      }),
    );
    const { request, ahead } = upload(`https://127.0.0.1:${origin.port}/`, "HTTP/2.0", () => received);
    await expectAnswered(request);
    expect(ahead()).toBeLessThan(12 * 1024 * 1024);
  });

  async function expectAnswered(request: SendRequest): Promise<void> {
    const { sender, recorder } = await started();
    const { exchange } = await sender.send(request);
    sender.close();
    await recorder.close();
    expect(exchange).toMatchObject({
      response: { status: 200 },
      request: { body: { kind: "file", size: PIECE * PIECES, stored: PIECE * PIECES } },
    });
    expect(exchange.error).toBeUndefined();
  }
});

const get = (port: number, fields: Partial<SendRequest> = {}): SendRequest => ({
  method: "GET",
  url: `http://127.0.0.1:${port}/`,
  httpVersion: "HTTP/1.1",
  headers: [],
  body: null,
  ...fields,
});

describe("an end", () => {
  test("of a body that can't be read is the request's failure, and the next one is sent", async () => {
    const origin = await opened(
      httpOrigin((request, response) => request.resume().on("end", () => response.end("ok"))),
    );
    const { sender, recorder } = await started();
    const failing: SendRequest = get(origin.port, {
      method: "POST",
      body: {
        size: 10,
        *open() {
          yield Buffer.from("half");
          throw new Error("the disk is gone");
        },
      },
    });
    const { exchange } = await sender.send(failing);
    expect(exchange.error?.message).toMatch(/body can't be read: the disk is gone/);
    expect((await sender.send(get(origin.port))).exchange).toMatchObject({ response: { status: 200 } });
    sender.close();
    await recorder.close();
    expect(await readFinished(recorder.path)).toHaveLength(2);
  });

  test("by stop cuts off what is under way, and what is asked for afterwards", async () => {
    const { sender, recorder } = await started();
    const origin = await opened(httpOrigin(() => sender.stop()));
    expect((await sender.send(get(origin.port))).exchange.error).toMatchObject({ code: "stopped" });
    const late = get(origin.port, { url: `https://127.0.0.1:${origin.port}/`, httpVersion: "HTTP/2.0" });
    expect((await sender.send(late)).exchange.error).toMatchObject({ code: "stopped" });
    sender.close();
    await recorder.close();
  });

  test("by stop while an origin is asked what it speaks", async () => {
    const { sender, recorder } = await started();
    // It takes the connection, and never answers the handshake.
    const origin = await opened(rawOrigin(() => sender.stop()));
    const asking = get(origin.port, { url: `https://127.0.0.1:${origin.port}/`, httpVersion: "HTTP/2.0" });
    expect((await sender.send(asking)).exchange.error).toMatchObject({ code: "stopped" });
    sender.close();
    await recorder.close();
  });

  test("before the beginning: what can't be sent is thrown, and recorded nowhere", async () => {
    const { sender, recorder } = await started();
    await expect(sender.send(get(1, { method: "G T" }))).rejects.toThrow(Unsendable);
    sender.close();
    await recorder.close();
    expect(await readFinished(recorder.path)).toEqual([]);
  });
});

test("an early answer does not end the upload, and keeps nothing that was not asked for", async () => {
  const origin = await opened(
    httpOrigin((request, response) => {
      response.end("early");
      request.resume();
    }),
  );
  const { sender, recorder } = await started();
  const body = bodyOf(Buffer.alloc(1024 * 1024, "x"));
  const sent = await sender.send(get(origin.port, { method: "POST", body }));
  expect(sent.received).toBeNull();
  expect(sent.exchange).toMatchObject({ response: { body: { text: "early" } } });
  const kept = await sender.send(get(origin.port), { keep: 3 });
  expect(kept.received).toMatchObject({ bytes: null, size: 5 });
  expect((await sender.send(get(origin.port), { keep: 5 })).received?.bytes?.toString()).toBe("early");
  sender.close();
  await recorder.close();
});
