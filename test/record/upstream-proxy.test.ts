// --upstream-proxy: connections to origins by way of another proxy, which resolves the names.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import tls from "node:tls";
import { describe, expect, test } from "vitest";
import { httpOrigin, httpsOrigin, rawOrigin } from "../support/origin.js";
import { connectThrough, readToEnd, readUntil } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { run } from "../support/run.js";
import { startTinyConnectProxy } from "../support/tiny-connect-proxy.js";
import { startTinySocksServer } from "../support/tiny-socks-server.js";
import { world } from "../support/world.js";

const { authority, opened } = world();

/** A name that only an upstream proxy with this alias can connect to. */
const NAME = "only-the-proxy-knows.invalid";

const recordingBy = (proxies: string[], bypass: string[] = []): Promise<TestRecording> =>
  opened(testRecording({ upstream: { proxies, bypass }, tls: { upstreamCa: authority.caPath } }));

function curl(recording: TestRecording, url: string, ...args: string[]): Promise<string> {
  return run("curl", [
    "-sS",
    // With HTTP/2 on offer the origin is asked for its protocol on a connection of its own.
    ...["--http1.1", "--noproxy", "", "-x", recording.url, "--cacert", recording.ca.certPath, ...args, url],
  ]).then(({ stdout, stderr }) => stdout + stderr);
}

const helloOrigins = async () => ({
  plain: await opened(httpOrigin((request, response) => response.end(`plain ${request.headers.host}`))),
  secure: await opened(
    httpsOrigin(authority, (request, response) => response.end(`secure ${request.headers.host}`)),
  ),
});

describe("by way of an HTTP proxy", () => {
  test("http and https origins and tunnels go by CONNECT, names as they are", async () => {
    await using upstream = await startTinyConnectProxy();
    upstream.aliases.add(NAME);
    const { plain, secure } = await helloOrigins();
    const recording = await recordingBy([upstream.url]);
    expect(await curl(recording, `http://${NAME}:${plain.port}/`)).toBe(`plain ${NAME}:${plain.port}`);
    expect(await curl(recording, `https://${NAME}:${secure.port}/`)).toBe(`secure ${NAME}:${secure.port}`);
    // A tunnel whose server speaks first: the greeting may come in one piece with the proxy's answer.
    const greeter = await opened(rawOrigin((socket) => socket.end("220 hello\r\n")));
    const tunnel = await connectThrough(recording.port, `${NAME}:${greeter.port}`);
    expect((await readToEnd(tunnel)).text).toBe("220 hello\r\n");
    expect(upstream.seen).toEqual([plain, secure, greeter].map(({ port }) => `CONNECT ${NAME}:${port}`));

    // The client has not ended its side: cut off by the stop, the tunnel is still recorded.
    await recording.stop(0);
    const { exchanges } = await recording.finish();
    expect(exchanges.map(({ kind, error }) => [kind, error])).toEqual([
      ["http", undefined],
      ["http", undefined],
      ["tunnel", undefined],
    ]);
    expect(exchanges[1]).toMatchObject({ server: { address: "127.0.0.1", port: upstream.port } });
    expect(exchanges[1]!.timings.connect).toBeGreaterThan(exchanges[1]!.timings.ssl);
  });

  test("its refusal is a 502 with its words and without the password", async () => {
    await using upstream = await startTinyConnectProxy();
    upstream.refusal =
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
    const recording = await recordingBy([`http://me:s3cret@127.0.0.1:${upstream.port}`]);
    const answer = await curl(recording, "http://origin.invalid/", "-i");
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).toContain(
      `the upstream proxy http://127.0.0.1:${upstream.port} answered CONNECT origin.invalid:80 with 407 Proxy Authentication Required`,
    );
    const { exchanges } = await recording.finish();
    expect(exchanges[0]!.error).toMatchObject({ code: "connect-failed" });
    const files = ["manifest.json", "exchanges.jsonl"].map((name) => join(recording.session.path, name));
    for (const file of files) expect(await readFile(file, "utf8")).not.toContain("s3cret");
    expect(await readFile(files[0]!, "utf8")).toContain(`"http://127.0.0.1:${upstream.port}"`);
  });

  test.each([
    ["nonsense", "nonsense\r\n\r\n", "does not speak HTTP"],
    ["nothing", "", "ended the connection instead of an answer"],
    ["a head without end", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(20_000)}`, "without end"],
  ])("that answers %s fails with a sentence", async (_name, refusal, sentence) => {
    await using upstream = await startTinyConnectProxy();
    upstream.refusal = refusal;
    const recording = await recordingBy([upstream.url]);
    expect(await curl(recording, "http://origin.invalid/", "-i")).toMatch(
      new RegExp(`^HTTP/1.1 502 [\\s\\S]*the upstream proxy ${upstream.url} .*${sentence}`),
    );
  });

  test("that is not there or has no name is told as such", async () => {
    const gone = await rawOrigin(() => {});
    await gone.close();
    const recording = await recordingBy([
      `http://127.0.0.1:${gone.port}`,
      "nowhere.test=socks5://proxy.invalid:1",
    ]);
    expect(await curl(recording, "http://origin.test/")).toContain(
      `the upstream proxy http://127.0.0.1:${gone.port} refused the connection (ECONNREFUSED)`,
    );
    expect(await curl(recording, "http://nowhere.test/")).toContain("the name proxy.invalid does not exist");
    const { exchanges } = await recording.finish();
    expect(exchanges.map(({ error }) => error?.code)).toEqual(["connect-refused", "dns-failed"]);
  });

  test("and its silence ends with the time to connect", async () => {
    const silent = await opened(rawOrigin(() => {}));
    const recording = await opened(
      testRecording({ upstream: { proxies: [`http://127.0.0.1:${silent.port}`] }, connectTimeoutMs: 200 }),
    );
    expect(await curl(recording, "http://origin.test/", "-i")).toMatch(
      /^HTTP\/1\.1 504 [\s\S]*by way of the upstream proxy/,
    );
  });
});

describe("which proxy", () => {
  test("overrides by host, direct hosts, one default", async () => {
    await using everywhere = await startTinyConnectProxy();
    await using some = await startTinyConnectProxy();
    for (const proxy of [everywhere, some])
      for (const name of ["a.test", "b.special.test"]) proxy.aliases.add(name);
    const { plain } = await helloOrigins();
    const recording = await recordingBy(
      [everywhere.url, `*.special.test=${some.url}`],
      ["127.0.0.1", "local*"],
    );
    for (const host of ["a.test", "b.special.test", "127.0.0.1", "localhost"]) {
      expect(await curl(recording, `http://${host}:${plain.port}/`)).toBe(`plain ${host}:${plain.port}`);
    }
    expect(everywhere.seen).toEqual([`CONNECT a.test:${plain.port}`]);
    expect(some.seen).toEqual([`CONNECT b.special.test:${plain.port}`]);
  });

  test("another recording, with credentials and over TLS", async () => {
    const { plain, secure } = await helloOrigins();
    const outer = await opened(
      testRecording({ proxyAuth: "me:p@ss/w:rd", tls: { upstreamCa: authority.caPath } }),
    );
    const userInfo = `me:${encodeURIComponent("p@ss/w:rd")}`;
    const inner = await opened(
      testRecording({
        // TLS to the proxy, and for https origins TLS within it.
        upstream: { proxies: [`https://${userInfo}@localhost:${outer.port}`] },
        tls: { upstreamCa: outer.ca.certPath },
      }),
    );
    // The outer one looks into what the inner one sends.
    expect(await curl(inner, `http://localhost:${plain.port}/`)).toBe(`plain localhost:${plain.port}`);
    expect(await curl(inner, `https://localhost:${secure.port}/`)).toBe(`secure localhost:${secure.port}`);
    const seen = [(await inner.finish()).exchanges, (await outer.finish()).exchanges];
    for (const exchanges of seen) {
      expect(exchanges.map(({ request }) => request.url)).toEqual([
        `http://localhost:${plain.port}/`,
        `https://localhost:${secure.port}/`,
      ]);
    }
  });

  test("an https proxy that is not trusted is refused", async () => {
    const untrusted = await opened(testRecording());
    const recording = await recordingBy([`https://localhost:${untrusted.port}`]);
    expect(await curl(recording, "http://origin.test/")).toMatch(
      /the TLS handshake with the upstream proxy https:\/\/localhost:\d+ failed: /,
    );
  });
});

describe("by way of a SOCKS proxy", () => {
  test.each(["socks5", "socks5h", "socks4a"])("%s", async (scheme) => {
    await using upstream = await startTinySocksServer();
    upstream.aliases.add(NAME);
    const { plain, secure } = await helloOrigins();
    const recording = await recordingBy([`${scheme}://127.0.0.1:${upstream.port}`]);
    expect(await curl(recording, `http://${NAME}:${plain.port}/`)).toBe(`plain ${NAME}:${plain.port}`);
    expect(await curl(recording, `https://${NAME}:${secure.port}/`)).toBe(`secure ${NAME}:${secure.port}`);
    expect(await curl(recording, `http://127.0.0.1:${plain.port}/`)).toBe(`plain 127.0.0.1:${plain.port}`);
    const greeter = await opened(rawOrigin((socket) => socket.end("220 hello\r\n")));
    const tunnel = await connectThrough(recording.port, `${NAME}:${greeter.port}`);
    expect((await readToEnd(tunnel)).text).toBe("220 hello\r\n");
    expect(upstream.seen.map((line) => line.split(" ").at(-1))).toContain(`${NAME}:${secure.port}`);
  });

  test("with a user and a password, right and wrong", async () => {
    await using upstream = await startTinySocksServer("mé:p%w");
    const { plain } = await helloOrigins();
    const by = (userInfo: string) => recordingBy([`socks5://${userInfo}127.0.0.1:${upstream.port}`]);
    const url = `http://127.0.0.1:${plain.port}/`;
    expect(await curl(await by("m%C3%A9:p%25w@"), url)).toBe(`plain 127.0.0.1:${plain.port}`);
    expect(await curl(await by("me:wrong@"), url)).toContain("did not accept the user and the password");
    expect(await curl(await by(""), url)).toContain("wants a user and a password");
  });

  test("that refuses says why", async () => {
    await using upstream = await startTinySocksServer();
    upstream.refusal = 5;
    const recording = await recordingBy([`socks5://127.0.0.1:${upstream.port}`]);
    expect(await curl(recording, "http://origin.test/", "-i")).toMatch(
      /^HTTP\/1\.1 502 [\s\S]*could not connect to origin\.test:80: connection refused/,
    );
    expect((await recording.nextExchange()).error?.code).toBe("connect-refused");
  });
});

test("a client that leaves while the proxy is asked leaves no connection behind", async () => {
  let closed: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    closed = resolve;
  });
  let asked: () => void = () => {};
  const connected = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const silent = await opened(
    rawOrigin((socket) => {
      socket.on("end", closed);
      void readUntil(socket, "\r\n\r\n").then(() => {
        asked();
        socket.resume();
      });
    }),
  );
  const recording = await recordingBy([`http://127.0.0.1:${silent.port}`]);
  const client = await connectThrough(recording.port, "origin.test:80");
  client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
  await connected;
  client.resetAndDestroy();
  await ended;
});

test("a TLS server's own words reach a client by way of TLS in TLS", async () => {
  const { secure } = await helloOrigins();
  const outer = await opened(testRecording({ tls: { passthrough: ["*"] } }));
  const recording = await opened(
    testRecording({
      upstream: { proxies: [`https://localhost:${outer.port}`] },
      tls: { upstreamCa: outer.ca.certPath, passthrough: ["*"] },
    }),
  );
  const socket = tls.connect({
    socket: await connectThrough(recording.port, `localhost:${secure.port}`),
    servername: "localhost",
    ca: await readFile(authority.caPath, "utf8"),
  });
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect((await readToEnd(socket)).text).toMatch(/secure x$/);
});
