// --fail-open: a host whose client refuses our certificate is tunnelled from then on.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import tls from "node:tls";
import { expect, test } from "vitest";
import { FailOpenHosts } from "../../src/proxy/fail-open.js";
import { httpsOrigin } from "../support/origin.js";
import { connectThrough, readToEnd } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { useOrigins } from "../support/recordings.js";
import { run } from "../support/run.js";

const { authority, opened } = useOrigins();

const start = (failOpen: boolean): Promise<TestRecording> =>
  opened(testRecording({ tls: { upstreamCa: authority().caPath, failOpen } }));

/** curl that trusts the origins' authority and not ours: as a program with pinned certificates. */
function pinned(recording: TestRecording, url: string) {
  const { caPath } = authority();
  return run("curl", ["-sS", "--http1.1", "--noproxy", "", "-x", recording.url, "--cacert", caPath, url]);
}

const helloOrigin = () => opened(httpsOrigin(authority(), (_request, response) => response.end("hello")));

test("curl: refused at first, tunnelled from then on, said once", async () => {
  const origin = await helloOrigin();
  const recording = await start(true);
  const url = `https://localhost:${origin.port}/`;
  expect((await pinned(recording, url)).code).toBe(60);
  for (let round = 0; round < 2; round++) expect((await pinned(recording, url)).stdout).toBe("hello");
  expect(recording.failures.map(({ message }) => message)).toEqual([
    expect.stringMatching(/does not trust .* From now on localhost is tunnelled \(--fail-open\)$/),
  ]);
  const { exchanges } = await recording.finish();
  expect(exchanges).toMatchObject([
    { error: { code: "client-tls-failed" } },
    { kind: "tunnel", reason: "fail-open", request: { target: `localhost:${origin.port}` } },
    { kind: "tunnel", reason: "fail-open" },
  ]);
});

test("without the option every attempt fails", async () => {
  const origin = await helloOrigin();
  const recording = await start(false);
  for (let round = 0; round < 2; round++)
    expect((await pinned(recording, `https://localhost:${origin.port}/`)).code).toBe(60);
});

test("a client that leaves after its handshake without an alert, as Node does", async () => {
  const origin = await helloOrigin();
  const recording = await start(true);
  const ca = await readFile(authority().caPath, "utf8");
  const attempt = async (): Promise<string> => {
    const socket = tls.connect({
      socket: await connectThrough(recording.port, `localhost:${origin.port}`),
      servername: "localhost",
      ca,
    });
    socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    return (await readToEnd(socket)).text;
  };
  expect(await attempt()).toBe("");
  // The proxy learns of it when the connection has closed.
  expect((await recording.nextExchange()).error?.code).toBe("client-tls-failed");
  expect(await attempt()).toMatch(/hello$/);
});

test("other hosts, and plain HTTP of the same host, are still recorded", async () => {
  const origin = await helloOrigin();
  const recording = await start(true);
  await pinned(recording, `https://localhost:${origin.port}/`);
  await recording.nextExchange();
  const other = tls.connect({
    socket: await connectThrough(recording.port, `127.0.0.1:${origin.port}`),
    servername: "other.localhost",
    ca: recording.ca.certPem,
  });
  await once(other, "secureConnect");
  other.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await readToEnd(other);
  expect((await recording.nextExchange()).kind).toBe("http");
  const plain = await connectThrough(recording.port, `localhost:${origin.port}`);
  plain.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await readToEnd(plain);
  expect((await recording.nextExchange()).kind).toBe("http");
});

test("the set of hosts is bounded, and knows no case", () => {
  const hosts = new FailOpenHosts();
  expect(hosts.add("Example.com")).toBe(true);
  expect(hosts.add("example.COM")).toBe(false);
  for (let n = 0; n < 1_000; n++) hosts.add(`h${n}`);
  expect(["example.com", "h0", "h999"].map((host) => hosts.has(host))).toEqual([false, true, true]);
});
