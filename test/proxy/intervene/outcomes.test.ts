// Every outcome, between clients and origins of either protocol.
import http2 from "node:http2";
import { describe, expect, test } from "vitest";
import type { RequestOutcome, ResponseContinue } from "../../../src/proxy/intervention.js";
import { world } from "../../support/world.js";
import { client, gotBy, ROUTES, ruledProxy, tellingOrigin } from "./support.js";

const { authority, opened } = world();

describe.each(ROUTES)("from %s to %s", (clientProtocol, originProtocol) => {
  const setUp = async (begin: Parameters<typeof ruledProxy>[1]) => {
    const origin = await opened(tellingOrigin(authority, originProtocol));
    const proxy = await ruledProxy(authority, begin);
    return { origin, proxy, user: await client(proxy, origin.port, clientProtocol) };
  };

  test("a bare continue changes nothing, and says nothing but the rules and tags", async () => {
    const { origin, proxy, user } = await setUp(() => ({
      rules: ["a", "b"],
      tags: ["t"],
      requestBodyLimit: 100,
    }));
    const answer = await user.send({
      method: "POST",
      path: "/p?q=1",
      body: "hello",
      headers: { "x-a": "1" },
    });
    expect(gotBy(answer)).toMatchObject({
      method: "POST",
      path: "/p?q=1",
      body: "hello",
      headers: { "x-a": "1" },
    });
    expect(answer.trailers).toMatchObject({ "x-sum": "1" });
    const exchange = await proxy.next();
    expect(exchange).toMatchObject({
      rules: ["a", "b"],
      tags: ["t"],
      server: { port: origin.port },
      response: { status: 200, trailers: [[expect.stringMatching(/x-sum/i), "1"]] },
    });
    expect(exchange.forwarded).toBeUndefined();
    expect(exchange.error).toBeUndefined();
    expect(proxy.ended()).toBe(1);
  });

  test("a changed request reaches the origin changed, and is recorded as both", async () => {
    const { origin, proxy, user } = await setUp((head) => ({
      requestBodyLimit: 1000,
      request: ({ body }) => ({
        kind: "continue",
        method: "PUT",
        url: head.url.replace("/from", "/to"),
        headers: [...head.headers.filter(([name]) => name !== "x-gone"), ["X-New", "n"]],
        body: Buffer.from(`${body}!`),
      }),
    }));
    const answer = await user.send({
      method: "POST",
      path: "/from?a=1",
      headers: { "x-gone": "1", "x-kept": "2" },
      body: "hello",
    });
    const got = gotBy(answer);
    expect(got).toMatchObject({ method: "PUT", path: "/to?a=1", body: "hello!" });
    expect(got.headers).toMatchObject({ "x-new": "n", "x-kept": "2" });
    expect(got.headers["x-gone"]).toBeUndefined();
    expect(got.headers.host ?? got.headers[":authority"]).toBe(`localhost:${origin.port}`);
    const exchange = await proxy.next();
    expect(exchange).toMatchObject({
      request: { method: "POST", url: `https://localhost:${origin.port}/from?a=1`, body: { text: "hello" } },
      forwarded: { method: "PUT", url: `https://localhost:${origin.port}/to?a=1`, bodySize: 6 },
    });
    const names = exchange.forwarded?.headers.map(([name]) => name.toLowerCase());
    expect(names).toContain("x-new");
    expect(names).not.toContain("x-gone");
  });

  test("an answer of ours comes without an origin", async () => {
    const outcome: RequestOutcome = {
      kind: "respond",
      status: 418,
      headers: [
        ["X-Mock", "1"],
        ["Content-Length", "999"],
      ],
      body: Buffer.from("short and stout"),
    };
    const { origin, proxy, user } = await setUp((head) =>
      head.target === "/mock" ? { request: () => outcome } : undefined,
    );
    const before = origin.connections();
    for (const method of ["GET", "POST"]) {
      const answer = await user.send({
        method,
        path: "/mock",
        ...(method === "POST" ? { body: "data" } : {}),
      });
      expect(answer).toMatchObject({ status: 418, headers: { "x-mock": "1", "content-length": "15" } });
      expect(answer.body.toString()).toBe("short and stout");
      const exchange = await proxy.next();
      expect(exchange.server).toBeUndefined();
      expect(exchange).toMatchObject({
        response: { status: 418, body: { text: "short and stout" } },
        timings: { dns: -1, connect: -1, wait: expect.any(Number) },
      });
      if (method === "POST") expect(exchange.request.body).toMatchObject({ text: "data" });
    }
    expect(origin.connections()).toBe(before);
    // The connection goes on.
    expect((await user.send({ path: "/real" })).status).toBe(200);
  });

  test("an answer of ours has no body where none may be", async () => {
    const { user } = await setUp((head) => ({
      request: () => ({
        kind: "respond",
        status: Number(head.target.slice(1)),
        headers: [["Content-Type", "text/plain"]],
        body: Buffer.from("body"),
      }),
    }));
    expect(await user.send({ method: "HEAD", path: "/200" })).toMatchObject({
      status: 200,
      headers: { "content-length": "4" },
      body: Buffer.alloc(0),
    });
    expect(await user.send({ path: "/204" })).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    expect(await user.send({ path: "/304" })).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect((await user.send({ path: "/200" })).body.toString()).toBe("body");
  });

  test("an answer of ours can come in pieces, with trailers", async () => {
    async function* pieces() {
      yield Buffer.from("one ");
      yield Buffer.from("two");
    }
    const { user } = await setUp(() => ({
      request: () => ({
        kind: "respond",
        status: 200,
        headers: [],
        body: pieces(),
        trailers: [["X-End", "yes"]],
      }),
    }));
    const answer = await user.send({});
    expect(answer.body.toString()).toBe("one two");
    expect(answer.trailers).toEqual({ "x-end": "yes" });
  });

  test("a changed response reaches the client changed, and is recorded so", async () => {
    const change: ResponseContinue = {
      kind: "continue",
      status: 203,
      headers: [["X-Only", "this"]],
      body: Buffer.from("another"),
      trailers: [["X-Sum", "2"]],
    };
    const { proxy, user } = await setUp(() => ({
      responseInterest: () => ({ bodyLimit: 10_000 }),
      response: ({ body, trailers }) => {
        expect(JSON.parse(String(body))).toMatchObject({ method: "GET" });
        expect(trailers).toHaveLength(1);
        return change;
      },
    }));
    for (const _round of [1, 2]) {
      const answer = await user.send({});
      expect(answer).toMatchObject({
        status: 203,
        headers: { "x-only": "this" },
        trailers: { "x-sum": "2" },
      });
      expect(answer.headers["x-origin"]).toBeUndefined();
      expect(answer.body.toString()).toBe("another");
      const exchange = await proxy.next();
      expect(exchange).toMatchObject({ response: { status: 203, body: { text: "another" } } });
      expect(exchange.forwarded).toBeUndefined();
    }
  });

  test("trailers stay with a body that was made of the whole one", async () => {
    const { proxy, user } = await setUp(() => ({
      responseInterest: () => ({ bodyLimit: 10_000 }),
      response: () => ({ kind: "continue", body: Buffer.from("another") }),
    }));
    const answer = await user.send({});
    expect(answer.body.toString()).toBe("another");
    expect(answer.trailers).toMatchObject({ "x-sum": "1" });
    expect(await proxy.next()).toMatchObject({ response: { trailers: [[expect.any(String), "1"]] } });
  });

  test("what a protocol forbids is neither written nor told of", async () => {
    const hop = [
      ["Connection", "x-hop"],
      ["X-Hop", "1"],
      ["Keep-Alive", "a"],
      ["X-New", "n"],
    ] as const;
    const { proxy, user } = await setUp((head) => ({
      request: () => ({ kind: "continue", headers: [...head.headers, ...hop] }),
      responseInterest: () => "head",
      response: ({ head: { headers } }) => ({ kind: "continue", headers: [...headers, ...hop] }),
    }));
    const answer = await user.send({});
    const exchange = await proxy.next();
    if (exchange.kind !== "http") throw new Error("it is no exchange of HTTP");
    if (clientProtocol === "h2") {
      for (const fields of [exchange.forwarded?.headers, exchange.response?.headers]) {
        expect(fields?.map(([name]) => name).filter((name) => /hop|connection|keep/.test(name))).toEqual([]);
      }
      expect(gotBy(answer).headers).not.toHaveProperty("keep-alive");
    }
    expect(gotBy(answer).headers).toMatchObject({ "x-new": "n" });
    const recorded = exchange.response?.headers.map(([name]) => name.toLowerCase()) ?? [];
    expect(Object.keys(answer.headers).filter((name) => !name.startsWith(":"))).toEqual(
      expect.arrayContaining(recorded),
    );
  });

  test.each([
    ["head", "head"],
    ["head and body", { bodyLimit: 10_000 }],
  ] as const)("a response that needs its %s to be looked at passes unchanged", async (_name, interest) => {
    const { user } = await setUp(() => ({
      responseInterest: () => interest,
      response: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return { kind: "continue" };
      },
    }));
    const answer = await user.send({ path: "/x" });
    expect(gotBy(answer).path).toBe("/x");
    expect(answer.trailers).toMatchObject({ "x-sum": "1" });
  });

  test.each(["request", "response"] as const)("reset and close at the %s", async (where) => {
    for (const how of ["reset", "close"] as const) {
      const { origin, proxy, user } = await setUp(() =>
        where === "request"
          ? { request: () => ({ kind: "abort", how }) }
          : { responseInterest: () => "head", response: () => ({ kind: "abort", how }) },
      );
      const failure = await user.send({ method: "POST", body: "x" }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      if (clientProtocol === "h2") {
        if (how === "reset") expect(failure).toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
        else expect(failure).toMatchObject({ rstCode: http2.constants.NGHTTP2_CANCEL });
      } else if (how === "reset") expect(failure).toMatchObject({ code: "ECONNRESET" });
      const exchange = await proxy.next();
      expect(exchange).toMatchObject({ kind: "http", error: { code: "aborted" } });
      expect(exchange).not.toHaveProperty("response");
      if (where === "request") expect(origin.connections()).toBeLessThanOrEqual(1);
      expect(proxy.ended()).toBe(1);
    }
  });

  test("a URL elsewhere goes elsewhere", async () => {
    const other = await opened(tellingOrigin(authority, "h1"));
    const { proxy, user } = await setUp((head) => ({
      request: () => ({
        kind: "continue",
        url: `https://localhost:${other.port}/else where`,
        headers: head.headers.map(
          ([name, value]) => [name, /^host$/i.test(name) ? "other.test" : value] as const,
        ),
      }),
    }));
    const got = gotBy(await user.send({ path: "/here" }));
    expect(got).toMatchObject({ path: "/else%20where", headers: { host: "other.test" } });
    expect(await proxy.next()).toMatchObject({ server: { port: other.port } });
  });

  test("an origin that can't be reached after a change is told of as usual", async () => {
    const { proxy, user } = await setUp(() => ({
      request: () => ({ kind: "continue", url: "https://127.0.0.1:1/" }),
    }));
    expect(await user.send({})).toMatchObject({ status: 502 });
    expect(await proxy.next()).toMatchObject({
      error: { code: "connect-refused" },
      forwarded: { url: "https://127.0.0.1:1/" },
    });
    expect(proxy.ended()).toBe(1);
  });

  test("what can't be sent is refused, and the client told", async () => {
    const { proxy, user } = await setUp(() => ({
      request: () => ({
        kind: "respond",
        status: 200,
        headers: [["X-A", "1\r\nX-B: 2"]],
        body: Buffer.alloc(0),
      }),
    }));
    const answer = await user.send({});
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).toContain("line break");
    expect(await proxy.next()).toMatchObject({ error: { code: "internal" } });
    expect(proxy.ended()).toBe(1);
  });

  test("nothing is recorded where a rule says so", async () => {
    const { proxy, user } = await setUp((head) => ({ skipRecording: head.target === "/secret" }));
    await user.send({ path: "/secret" });
    await user.send({ path: "/open" });
    expect(await proxy.next()).toMatchObject({ request: { target: "/open" } });
    expect(proxy.recording.openBodies).toBe(0);
  });
});
