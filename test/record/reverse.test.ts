// --mode reverse: the port is the origin to its clients. And requests that would come back to the proxy itself.
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { describe, expect, test } from "vitest";
import { httpOrigin, httpsOrigin, rawOrigin, rawTlsOrigin } from "../support/origin.js";
import { readToEnd, readUntil } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { curl, useOrigins } from "../support/recordings.js";

const { authority, opened } = useOrigins();

const reverse = (origin: string): Promise<TestRecording> =>
  opened(testRecording({ reverse: origin, tls: { upstreamCa: authority().caPath } }));

/** What a client without curl's care says and gets. */
async function talk(port: number, text: string): Promise<string> {
  const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.write(text);
  return (await readToEnd(socket)).text;
}

describe("reverse", () => {
  test("HTTPS by curl --connect-to: the bytes arrive as they were sent", async () => {
    const heads: string[] = [];
    const names: unknown[] = [];
    const origin = await opened(
      rawTlsOrigin(authority(), async (socket) => {
        names.push(socket.servername);
        heads.push(await readUntil(socket, "\r\n\r\n"));
        socket.end("HTTP/1.1 200 Fine\r\nX-From: origin\r\nContent-Length: 2\r\n\r\nok");
      }),
    );
    const recording = await reverse(`https://localhost:${origin.port}`);
    const url = `https://localhost:${origin.port}/a?b`;
    const to = `localhost:${origin.port}:127.0.0.1:${recording.port}`;
    const { stdout, stderr } = await curl(recording, "-i", "-A", "x", "--connect-to", to, url);
    expect(stderr).toBe("");
    expect(stdout).toBe("HTTP/1.1 200 Fine\r\nX-From: origin\r\nContent-Length: 2\r\n\r\nok");
    expect(heads).toEqual([
      `GET /a?b HTTP/1.1\r\nHost: localhost:${origin.port}\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n`,
    ]);
    expect(names).toEqual(["localhost"]);
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        kind: "http",
        request: { url },
        client: { tls: { sni: "localhost" } },
        server: { port: origin.port },
      },
    ]);
  });

  test.each([
    ["http", "http"],
    ["http", "https"],
    ["https", "http"],
    ["https", "https"],
  ])(
    "%s clients of an %s origin: scheme and name are the origin's, Host is the client's",
    async (client, scheme) => {
      const handler = (
        request: { headers: { host?: string | undefined } },
        response: { end(text: string): unknown },
      ) => response.end(`${request.headers.host}`);
      const origin = await opened(
        scheme === "http" ? httpOrigin(handler) : httpsOrigin(authority(), handler),
      );
      const recording = await reverse(`${scheme}://localhost:${origin.port}`);
      // Its certificate is for the name that the client asks for, whatever the origin is called.
      const url = `${client}://elsewhere.test:${recording.port}/x`;
      const resolve = `elsewhere.test:${recording.port}:127.0.0.1`;
      const { stdout, stderr } = await curl(recording, "--resolve", resolve, url, url);
      expect(stderr).toBe("");
      expect(stdout).toBe(`elsewhere.test:${recording.port}`.repeat(2));
      expect(origin.connections()).toBe(1);
      const { exchanges } = await recording.finish();
      expect(exchanges.map(({ request }) => request.url)).toEqual(
        new Array(2).fill(`${scheme}://localhost:${origin.port}/x`),
      );
    },
  );

  test("a client without a server name gets a certificate for the origin's host", async () => {
    const origin = await opened(httpsOrigin(authority(), (_request, response) => response.end("ok")));
    const recording = await reverse(`https://localhost:${origin.port}`);
    const socket = tls.connect({
      host: "127.0.0.1",
      port: recording.port,
      ca: recording.ca.certPem,
      checkServerIdentity: (_host, certificate) => tls.checkServerIdentity("localhost", certificate),
    });
    await once(socket, "secureConnect");
    socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect((await readToEnd(socket)).text).toMatch(/ok$/);
  });

  test("HTTP/2 where the origin speaks it", async () => {
    const versions: string[] = [];
    const server = http2.createSecureServer(
      { allowHTTP1: true, SNICallback: (name, done) => done(null, authority().context(name)) },
      (request, response) => {
        versions.push(request.httpVersion);
        response.end("ok");
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const recording = await reverse(`https://localhost:${port}`);
      const to = ["--connect-to", `localhost:${port}:127.0.0.1:${recording.port}`];
      const { stdout } = await curl(recording, ...to, "--http2", `https://localhost:${port}/`);
      expect(stdout).toBe("ok");
      expect(versions).toEqual(["2.0"]);
      expect(await recording.nextExchange()).toMatchObject({
        request: { httpVersion: "HTTP/2.0", url: `https://localhost:${port}/` },
      });
      await recording.stop(0);
    } finally {
      server.close();
    }
  });

  test("a client that refuses our certificate reaches the origin at its second attempt, with --fail-open", async () => {
    const origin = await opened(httpsOrigin(authority(), (_request, response) => response.end("ok")));
    const recording = await opened(
      testRecording({
        reverse: `https://localhost:${origin.port}`,
        tls: { upstreamCa: authority().caPath, failOpen: true },
      }),
    );
    const to = ["--connect-to", `localhost:${origin.port}:127.0.0.1:${recording.port}`];
    const pinned = ["--cacert", authority().caPath, ...to, `https://localhost:${origin.port}/`];
    expect((await curl(recording, ...pinned)).code).toBe(60);
    expect((await curl(recording, ...pinned)).stdout).toBe("ok");
  });

  test("nothing of ours is there: every path is the origin's, CONNECT and absolute targets too", async () => {
    const targets: string[] = [];
    const origin = await opened(
      httpOrigin((request, response) => {
        targets.push(request.url ?? "");
        response.end("origin");
      }),
    );
    const recording = await reverse(`http://127.0.0.1:${origin.port}`);
    for (const target of ["/", "/ca.pem", "http://other.test/"]) {
      const answer = await talk(
        recording.port,
        `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/origin$/);
    }
    expect(targets).toEqual(["/", "/ca.pem", "http://other.test/"]);
    expect(await talk(recording.port, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 501 /,
    );
  });

  test("what is no HTTP passes as a tunnel, the server's greeting first", async () => {
    const origin = await opened(
      rawOrigin((socket) => {
        socket.write("220 hello\r\n");
        socket.once("data", (data) => socket.end(`got ${data}`));
      }),
    );
    const recording = await reverse(`http://127.0.0.1:${origin.port}`);
    const socket = net.connect(recording.port, "127.0.0.1");
    expect(await readUntil(socket, "\r\n")).toBe("220 hello\r\n");
    socket.write("QUIT");
    expect((await readToEnd(socket)).text).toBe("got QUIT");
    expect((await recording.finish()).exchanges).toMatchObject([{ kind: "tunnel", reason: "not-http" }]);
  });

  test("a client that resets before it has said anything harms nothing", async () => {
    const origin = await opened(httpOrigin((_request, response) => response.end("ok")));
    const recording = await reverse(`http://127.0.0.1:${origin.port}`);
    const socket = net.connect(recording.port, "127.0.0.1");
    await once(socket, "connect");
    socket.resetAndDestroy();
    expect(await talk(recording.port, "GET / HTTP/1.0\r\n\r\n")).toMatch(/ok$/);
  });

  test.each(["https://", "ftp://x", "localhost:80", "https://x/path", "https://me:s3cret@x", "https://x?q"])(
    "of %s is refused",
    async (origin) => {
      const failed = testRecording({ reverse: origin });
      await expect(failed).rejects.toMatchObject({ code: "BAD_OPTION" });
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining("s3cret") });
    },
  );

  test("and credentials for a proxy exclude each other", async () => {
    await expect(testRecording({ reverse: "http://x", proxyAuth: "a:b" })).rejects.toMatchObject({
      code: "BAD_OPTION",
    });
  });
});

describe("a loop", () => {
  const LOOP =
    /^HTTP\/1\.1 502 [\s\S]*Proxy-Status: trafficctl; error=proxy_loop_detected\r\n[\s\S]* is this proxy itself/;

  test.each(["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])(
    "by absolute URL and CONNECT to %s",
    async (host) => {
      const recording = await opened(testRecording());
      const self = `${host}:${recording.port}`;
      const absolute = `GET http://${self}/x HTTP/1.1\r\nHost: ${self}\r\nConnection: close\r\n\r\n`;
      expect(await talk(recording.port, absolute)).toMatch(LOOP);
      const inside = `CONNECT ${self} HTTP/1.1\r\n\r\nGET http://${self}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
      expect((await talk(recording.port, inside)).split("established\r\n\r\n")[1]).toMatch(LOOP);
      const { exchanges } = await recording.finish();
      expect(exchanges.map(({ error }) => error?.code)).toEqual(["loop", "loop"]);
    },
  );

  test("with every host passed through", async () => {
    const recording = await opened(testRecording({ tls: { passthrough: ["*"] } }));
    const self = `127.0.0.1:${recording.port}`;
    expect(await talk(recording.port, `CONNECT ${self} HTTP/1.1\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 502 [\s\S]* is this proxy itself/,
    );
    expect((await recording.finish()).exchanges).toMatchObject([{ kind: "tunnel", error: { code: "loop" } }]);
  });

  test("of a proxy that listens on every address", async () => {
    const recording = await opened(testRecording({ host: "0.0.0.0" }));
    for (const host of ["127.0.0.1", "127.0.0.2", "0.0.0.0"]) {
      const absolute = `GET http://${host}:${recording.port}/x HTTP/1.1\r\nHost: x\r\n\r\n`;
      expect(await talk(recording.port, absolute), host).toMatch(LOOP);
    }
  });

  test("the proxy's own page is no loop", async () => {
    const recording = await opened(testRecording());
    const proxied = ["-x", recording.url, `${recording.url}/`];
    expect((await curl(recording, ...proxied)).stdout).toContain("trafficctl is recording here");
    expect((await curl(recording, "--proxytunnel", ...proxied)).stdout).toContain(
      "trafficctl is recording here",
    );
  });

  test("in reverse, and by way of itself as its upstream proxy", async () => {
    const port = await freePort();
    const mirrored = await opened(testRecording({ port, reverse: `http://localhost:${port}` }));
    expect(await talk(mirrored.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(LOOP);
    const other = await freePort();
    const upstream = { proxies: [`http://127.0.0.1:${other}`] };
    const recording = await opened(testRecording({ port: other, upstream }));
    expect(await talk(recording.port, "GET http://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(LOOP);
  });
});

async function freePort(): Promise<number> {
  const origin = await rawOrigin(() => {});
  await origin.close();
  return origin.port;
}
