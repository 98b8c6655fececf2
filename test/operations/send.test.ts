// One request that a person wrote, and a copy of an exchange.
import { describe, expect, test } from "vitest";
import { duplicate } from "../../src/operations/duplicate.js";
import { type SendInput, send } from "../../src/operations/send.js";
import { bodyOf } from "../../src/replay/send/request.js";
import { readAll, readFinished, tempFolder } from "../session/support.js";
import { makeSession } from "../support/made-session.js";
import { http2Origin, httpOrigin, httpsOrigin } from "../support/origin.js";
import { world } from "../support/world.js";

const { authority, opened } = world();

async function sent(input: Partial<SendInput> & { url: string }) {
  const home = tempFolder();
  const result = await send({ home, into: "sent", tls: { upstreamCa: authority.caPath }, ...input });
  const [exchange] = await readFinished(result.session.path);
  return { result, exchange };
}

/** Answers with the head that it got. */
function echoing() {
  return opened(
    httpOrigin((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const { method, url, rawHeaders } = request;
        response.end(JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() }));
      });
    }),
  );
}

function answered(exchange: Awaited<ReturnType<typeof sent>>["exchange"]): {
  method: string;
  url: string;
  rawHeaders: string[];
  body: string;
} {
  if (exchange?.kind !== "http" || exchange.response?.body.kind !== "text") throw new Error("no answer");
  return JSON.parse(exchange.response.body.text);
}

describe("send", () => {
  test("a GET with what a client says of itself, recorded", async () => {
    const { port } = await echoing();
    const { result, exchange } = await sent({ url: `http://127.0.0.1:${port}/a b?q=\u00fc#part` });
    expect(result).toMatchObject({ status: 200, error: null, id: exchange!.id, session: { id: "sent" } });
    const { method, url, rawHeaders } = answered(exchange);
    expect({ method, url }).toEqual({ method: "GET", url: "/a%20b?q=%C3%BC" });
    expect(rawHeaders).toEqual([
      "Host",
      `127.0.0.1:${port}`,
      "User-Agent",
      expect.stringMatching(/^trafficctl\//),
      "Accept",
      "*/*",
    ]);
    expect(exchange).not.toHaveProperty("replays");
  });

  test("a body makes it a POST with its length and type; fields take the place of the defaults", async () => {
    const { port } = await echoing();
    const { exchange } = await sent({
      url: `http://user:p%20w@127.0.0.1:${port}/`,
      body: bodyOf(Buffer.from('{"a":1}'))!,
      bodyType: "application/json",
      headers: [
        ["accept", "text/plain"],
        ["User-Agent", ""],
        ["X", "1"],
        ["X", "2"],
      ],
    });
    const { method, rawHeaders, body } = answered(exchange);
    expect({ method, body }).toEqual({ method: "POST", body: '{"a":1}' });
    expect(rawHeaders).toEqual([
      "Host",
      `127.0.0.1:${port}`,
      "Authorization",
      `Basic ${Buffer.from("user:p w").toString("base64")}`,
      "Content-Type",
      "application/json",
      "Content-Length",
      "7",
      "accept",
      "text/plain",
      "X",
      "1",
      "X",
      "2",
    ]);
  });

  test("HTTP/2 where the origin speaks it, HTTP/1.1 else or on request", async () => {
    const both = await opened(http2Origin(authority, undefined, (_request, response) => response.end("ok")));
    const old = await opened(httpsOrigin(authority, (_request, response) => response.end("ok")));
    const versionOf = async (port: number, http1 = false) =>
      (await sent({ url: `https://127.0.0.1:${port}/`, http1 })).exchange!.request.httpVersion;
    expect(await versionOf(both.port)).toBe("HTTP/2.0");
    expect(await versionOf(both.port, true)).toBe("HTTP/1.1");
    expect(await versionOf(old.port)).toBe("HTTP/1.1");
  });

  test("an origin that can't be reached is told, and recorded", async () => {
    const origin = await echoing();
    await origin.close();
    const { result, exchange } = await sent({ url: `http://127.0.0.1:${origin.port}/` });
    expect(result).toMatchObject({ status: null, error: { code: "connect-refused" } });
    expect(exchange).toMatchObject({ error: { code: "connect-refused" } });
  });

  test("a signal ends it", async () => {
    const controller = new AbortController();
    const origin = await opened(httpOrigin(() => controller.abort()));
    const { result } = await sent({ url: `http://127.0.0.1:${origin.port}/`, signal: controller.signal });
    expect(result.error).toMatchObject({ code: "stopped" });
  });

  test.each([
    ["no URL", { url: "localhost:3000" }],
    ["another scheme", { url: "ftp://a.test/" }],
    ["a method that is none", { url: "http://127.0.0.1:1/", method: "GE T" }],
    ["a field with a line break", { url: "http://127.0.0.1:1/", headers: [["X", "a\r\nY: 1"]] as const }],
  ])("%s is wrong usage, and leaves no session", async (_name, input) => {
    await expect(sent(input)).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
});

describe("duplicate", () => {
  test("copies an exchange with its bodies, under an id of its own", async () => {
    const home = tempFolder();
    const { path } = await makeSession(home, "made");
    const { session, id, copyOf } = await duplicate({ home, session: "made", exchange: "5", into: "copy" });
    const [copy] = await readFinished(session.path);
    const original = (await readFinished(path)).find((each) => each.id === copyOf)!;
    expect(copy).toMatchObject({ id, seq: 1, startedAt: original.startedAt, request: original.request });
    expect(id).not.toBe(copyOf);
    expect(await readFinished(path)).toHaveLength(7);
  });

  test("copies a WebSocket with its messages", async () => {
    const home = tempFolder();
    await makeSession(home, "made");
    const { session, id } = await duplicate({ home, session: "made", exchange: "7" });
    const items = await readAll(session.path);
    expect(items.map(({ type }) => type)).toEqual([...Array(4).fill("message"), "exchange"]);
    expect(items.every((item) => item.type !== "message" || item.message.exchange === id)).toBe(true);
  });

  test("says what is not there", async () => {
    const home = tempFolder();
    await makeSession(home, "made");
    const missing = duplicate({ home, session: "made", exchange: "99" });
    await expect(missing).rejects.toMatchObject({ code: "EXCHANGE_NOT_FOUND" });
  });
});
