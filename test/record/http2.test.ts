// HTTP/2 end to end: to the client and to the origin, translated where they differ, with what must not be lost.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http2 from "node:http2";
import { describe, expect, test } from "vitest";
import { ask, http2Through } from "../support/http2-client.js";
import { http2Origin, httpsOrigin } from "../support/origin.js";
import { readToEnd, secureThrough } from "../support/raw-client.js";
import { run } from "../support/run.js";
import { world } from "../support/world.js";

const { authority, opened, trusting } = world();

type OnStream = (
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  rawHeaders: string[],
) => void;
const origin = (onStream: OnStream) =>
  opened(
    http2Origin(authority, (stream, headers, _flags, rawHeaders) => onStream(stream, headers, rawHeaders)),
  );

describe("between two that speak HTTP/2", () => {
  test("heads, bodies, trailers, crumbs and 1xx pass, and are recorded", async () => {
    let seen: string[] = [];
    const server = await origin((stream, _headers, raw) => {
      seen = raw;
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      stream.respond({ ":status": 201, "x-b": "1", "set-cookie": ["a=1", "b=2"] }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "42" }));
      stream.pipe(stream);
    });
    const recording = await trusting();
    const session = await http2Through(recording, server.port);
    const answer = await ask(
      session,
      { ":method": "POST", ":path": "//a%2Fb?q=%zz", "x-z": "", cookie: ["x=1", "y=2"] },
      "hello",
    );
    session.close();
    expect(seen.join("\n")).toContain("cookie\nx=1\ncookie\ny=2");
    expect(seen).toContain("//a%2Fb?q=%zz");
    expect(answer).toMatchObject({
      headers: { ":status": 201, "set-cookie": ["a=1", "b=2"] },
      informational: [103],
    });
    expect(answer.body.toString()).toBe("hello");
    expect(answer.trailers).toMatchObject({ "x-sum": "42" });
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        client: { tls: { alpn: "h2" } },
        server: { tls: { alpn: "h2" }, reused: false },
        request: {
          method: "POST",
          url: `https://localhost:${server.port}//a%2Fb?q=%zz`,
          httpVersion: "HTTP/2.0",
          authority: `localhost:${server.port}`,
          headersSize: -1,
          body: { text: "hello" },
        },
        response: {
          status: 201,
          httpVersion: "HTTP/2.0",
          body: { text: "hello" },
          trailers: [["x-sum", "42"]],
          informational: [{ status: 103, headers: [["link", "</a>"]] }],
        },
      },
    ]);
    expect(exchanges[0]!.request.headers).toContainEqual(["cookie", "x=1; y=2"]);
    expect(exchanges[0]!.timings.ssl).toBeGreaterThan(0);
  });

  test("a hundred streams at once, on one connection to the origin", async () => {
    const server = await origin((stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    const recording = await trusting();
    const session = await http2Through(recording, server.port);
    const bodies = Array.from({ length: 100 }, (_, index) => randomBytes(1000 * index));
    const answers = await Promise.all(
      bodies.map((body) => ask(session, { ":method": "POST", ":path": "/" }, body)),
    );
    for (const [index, { body }] of answers.entries()) expect(body.equals(bodies[index]!)).toBe(true);
    session.close();
    expect(server.connections()).toBe(1);
    const { exchanges } = await recording.finish();
    expect(exchanges).toHaveLength(100);
    expect(exchanges.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test.each(["REFUSED_STREAM", "ENHANCE_YOUR_CALM", "INTERNAL_ERROR", "CANCEL"] as const)(
    "an origin's reset reaches the client with its code: %s",
    async (name) => {
      const code = http2.constants[`NGHTTP2_${name}`];
      const server = await origin((stream) => {
        stream.on("error", () => {});
        stream.close(code);
      });
      const recording = await trusting();
      const session = await http2Through(recording, server.port);
      const stream = session.request({ ":path": "/" });
      stream.on("error", () => {});
      await new Promise((resolve) => stream.on("close", resolve));
      expect(stream.rstCode).toBe(code);
      session.close();
      const { exchanges } = await recording.finish();
      expect(exchanges[0]!.error).toMatchObject({
        code: "origin-reset",
        message: expect.stringContaining(name),
      });
    },
  );

  test("a client's reset reaches the origin with its code", async () => {
    let closed: Promise<number> | undefined;
    const server = await origin((stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200 });
      stream.write("begun");
      closed = new Promise((resolve) => stream.on("close", () => resolve(stream.rstCode)));
    });
    const recording = await trusting();
    const session = await http2Through(recording, server.port);
    const stream = session.request({ ":path": "/" });
    stream.on("error", () => {});
    await once(stream, "data");
    stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await expect.poll(() => closed !== undefined).toBe(true);
    expect(await closed).toBe(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    session.close();
    const { exchanges } = await recording.finish();
    expect(exchanges[0]).toMatchObject({
      error: { code: "client-closed" },
      response: { body: { truncated: "client-closed" } },
    });
  });

  test("a reader that stops reading stops the origin, within a few MB", async () => {
    const piece = Buffer.alloc(64 * 1024);
    let written = 0;
    const server = await origin((stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200 });
      const write = (): void => {
        do written += piece.length;
        while (!stream.destroyed && stream.write(piece));
        stream.once("drain", write);
      };
      write();
    });
    const recording = await trusting();
    const session = await http2Through(recording, server.port);
    const stream = session.request({ ":path": "/" });
    stream.on("error", () => {});
    await once(stream, "response");
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = written === before && written > 0;
          before = written;
          return stands;
        },
        { interval: 200, timeout: 8_000 },
      )
      .toBe(true);
    expect(written).toBeLessThan(8 * 1024 * 1024);
    session.destroy();
  });

  test("after an origin's GOAWAY the next request goes to a new connection", async () => {
    const server = await origin((stream) => {
      stream.respond({ ":status": 200 });
      stream.end("x");
      stream.session?.goaway();
    });
    const recording = await trusting();
    const session = await http2Through(recording, server.port);
    for (let index = 0; index < 3; index++) {
      expect((await ask(session, { ":path": `/${index}` })).body.toString()).toBe("x");
    }
    session.close();
    expect(server.connections()).toBe(3);
  });
});

describe("HTTP/2 is offered exactly when the origin speaks it", () => {
  test("an HTTP/1 origin: the client gets HTTP/1.1", async () => {
    const server = await opened(httpsOrigin(authority, (_request, response) => response.end("one")));
    const recording = await trusting();
    await expect(http2Through(recording, server.port)).rejects.toThrow("http/1.1 was agreed on");
    const curl = await run("curl", [
      "-sS",
      "--http2",
      "-w",
      "%{http_version}",
      "-x",
      recording.url,
      "--cacert",
      recording.ca.certPath,
      `https://localhost:${server.port}/`,
    ]);
    expect(curl.stdout).toBe("one1.1");
    // The connection that was made to ask what the origin speaks serves the request.
    expect(server.connections()).toBe(1);
  });

  test("a client that does not ask for it gets HTTP/1.1 from the origin too", async () => {
    const server = await opened(
      http2Origin(authority, undefined, (request, response) => response.end(request.httpVersion)),
    );
    const recording = await trusting();
    const args = [
      "-sS",
      "-w",
      " %{http_version}",
      "-x",
      recording.url,
      "--cacert",
      recording.ca.certPath,
      `https://localhost:${server.port}/`,
    ];
    expect((await run("curl", ["--http1.1", ...args])).stdout).toBe("1.1 1.1");
    expect((await run("curl", ["--http2", ...args])).stdout).toBe("2.0 2");
  });

  test("an origin that can't be reached is told of over either", async () => {
    const server = await origin(() => {});
    await server.close();
    const recording = await trusting();
    const args = [
      "-sS",
      "-w",
      " %{http_code}",
      "-x",
      recording.url,
      "--cacert",
      recording.ca.certPath,
      `https://localhost:${server.port}/`,
    ];
    for (const version of ["--http1.1", "--http2"]) {
      expect((await run("curl", [version, ...args])).stdout).toMatch(/refused the connection(.|\n)* 502$/);
    }
  });
});

describe("where the two differ", () => {
  test("an HTTP/1 client and an origin that speaks only HTTP/2", async () => {
    const server = await opened(
      http2Origin(authority, (stream, headers) => {
        stream.respond({
          ":status": 200,
          "x-authority": headers[":authority"],
          "x-te": headers.te ?? "none",
        });
        stream.pipe(stream);
      }),
    );
    const recording = await trusting();
    const socket = await secureThrough(recording.port, `localhost:${server.port}`, {
      ca: recording.ca.certPem,
      servername: "localhost",
    });
    socket.write(
      "POST /x HTTP/1.1\r\nHost: named.test\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
    );
    const { text } = await readToEnd(socket);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain("x-authority: named.test\r\nx-te: trailers\r\n");
    expect(text).toMatch(/\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
    const { exchanges } = await recording.finish();
    expect(exchanges[0]).toMatchObject({
      request: { httpVersion: "HTTP/1.1" },
      response: { httpVersion: "HTTP/2.0" },
    });
  });

  test("a client that speaks only HTTP/2 and an HTTP/1 origin", async () => {
    let seen: string[] = [];
    const server = await opened(
      httpsOrigin(authority, (request, response) => {
        seen = request.rawHeaders;
        response.writeHead(200, { connection: "keep-alive", "x-a": "1", trailer: "x-t" });
        request.pipe(response, { end: false });
        request.on("end", () => {
          response.addTrailers({ "x-t": "2" });
          response.end();
        });
      }),
    );
    const recording = await trusting();
    const socket = await secureThrough(recording.port, `localhost:${server.port}`, {
      ca: recording.ca.certPem,
      servername: "localhost",
      ALPNProtocols: ["h2"],
    });
    const session = http2.connect(`https://localhost:${server.port}`, { createConnection: () => socket });
    const answer = await ask(session, { ":method": "POST", ":path": "/", cookie: ["a=1", "b=2"] }, "hello");
    session.close();
    expect(answer).toMatchObject({ headers: { ":status": 200, "x-a": "1" }, trailers: { "x-t": "2" } });
    expect(answer.headers).not.toHaveProperty("connection");
    expect(answer.body.toString()).toBe("hello");
    expect(seen.slice(0, 2)).toEqual(["Host", `localhost:${server.port}`]);
    expect(seen.join("\n")).toContain("cookie\na=1; b=2");
  });
});
