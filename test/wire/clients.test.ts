// Wire tests with real programs, which expect what real origins do.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { httpOrigin, httpsOrigin, type Origin } from "../support/origin.js";
import { secureThrough } from "../support/raw-client.js";
import { run } from "../support/run.js";
import { openBench, type WireBench } from "./bench.js";
import { wireTest } from "./statement.js";

let bench: WireBench;
let folder: string;
let origin: Origin;
let secure: Origin;
const FILE = randomBytes(300_000);

beforeAll(async () => {
  bench = await openBench();
  folder = await mkdtemp(join(tmpdir(), "wire-clients-"));
  await writeFile(join(folder, "file"), FILE);
  origin = await httpOrigin(serve);
  secure = await httpsOrigin(bench.authority, serve);
  for (const { server } of [origin, secure]) server.on("checkContinue", refuseOrContinue);
});
afterAll(async () => {
  await origin.close();
  await secure.close();
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

/** `/file` with ranges, `/gzip`, and for the rest a description of the request. */
function serve(request: http.IncomingMessage, response: http.ServerResponse): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (request.url === "/file" && range !== null) {
    const part = FILE.subarray(Number(range[1]), Number(range[2]) + 1);
    response.writeHead(206, {
      "Content-Range": `bytes ${range[1]}-${range[2]}/${FILE.length}`,
      "Content-Length": part.length,
    });
    response.end(part);
    return;
  }
  if (request.url === "/gzip") {
    response.writeHead(200, { "Content-Encoding": "gzip" });
    response.end(gzipSync("decompressed"));
    return;
  }
  const hash = createHash("sha256");
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    hash.update(chunk);
    size += chunk.length;
  });
  request.on("end", () => {
    const { method, httpVersion, headers } = request;
    const framing = headers["transfer-encoding"] ?? headers["content-length"] ?? "none";
    response.end(`${method} ${httpVersion} ${framing} ${size} ${hash.digest("hex").slice(0, 16)}`);
  });
}

function refuseOrContinue(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.url === "/refuse") {
    response.writeHead(417, { Connection: "close" });
    response.end("refused");
    return;
  }
  response.writeContinue();
  serve(request, response);
}

const fileHash = createHash("sha256").update(FILE).digest("hex").slice(0, 16);
const emptyHash = createHash("sha256").digest("hex").slice(0, 16);

/** curl through the proxy, to the origin with TLS and to the one without. @returns what it wrote, the same for both */
async function curl(path: string, ...args: string[]): Promise<string> {
  const outputs: string[] = [];
  for (const base of [`http://localhost:${origin.port}`, `https://localhost:${secure.port}`]) {
    const common = [
      "-sS",
      "--proxy",
      bench.recording.url,
      "--cacert",
      bench.recording.ca.certPath,
      "--noproxy",
      "",
    ];
    const { code, stdout, stderr } = await run("curl", [...common, ...args, `${base}${path}`], {
      cwd: folder,
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    outputs.push(stdout);
  }
  expect(outputs[1]).toBe(outputs[0]);
  return outputs[0]!;
}

describe("real clients", () => {
  wireTest("curl", async () => {
    expect(await curl("/a")).toBe(`GET 1.1 none 0 ${emptyHash}`);
    expect(await curl("/a", "--http1.0")).toBe(`GET 1.0 none 0 ${emptyHash}`);
    expect(await curl("/a", "--proxytunnel")).toBe(`GET 1.1 none 0 ${emptyHash}`);
    expect(await curl("/a", "-T", "file")).toBe(`PUT 1.1 300000 300000 ${fileHash}`);
    expect(await curl("/a", "-T", "file", "-H", "Transfer-Encoding: chunked")).toBe(
      `PUT 1.1 chunked 300000 ${fileHash}`,
    );
    expect(await curl("/a", "-T", "file", "-H", "Expect: 100-continue", "--expect100-timeout", "60")).toBe(
      `PUT 1.1 300000 300000 ${fileHash}`,
    );
    expect(
      await curl(
        "/refuse",
        "-T",
        "file",
        "-H",
        "Expect: 100-continue",
        "--expect100-timeout",
        "60",
        "-w",
        " %{http_code}",
      ),
    ).toMatch(/refused.* 417$/);
    expect(await curl("/a", "-X", "DELETE", "-d", "body")).toMatch(/^DELETE 1\.1 4 4 /);
    expect(await curl("/a", "-X", "PROPFIND")).toMatch(/^PROPFIND 1\.1 none 0 /);
    expect(await curl("/gzip", "--compressed")).toBe("decompressed");
    expect(await curl("/file", "-r", "1000-1999", "-w", " %{http_code}", "-o", "part")).toBe(" 206");
    expect((await readFile(join(folder, "part"))).equals(FILE.subarray(1000, 2000))).toBe(true);
    expect(await curl("/a", "-I", "-o", "headers", "-w", "%{http_code} %{size_download}")).toBe("200 0");
  });

  wireTest("python", async () => {
    const script = `
import hashlib, http.client, ssl, sys, urllib.request
proxy, plain, secure, ca, path = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
data = open(path, 'rb').read()
connection = http.client.HTTPSConnection('127.0.0.1', int(proxy), context=context)
connection.set_tunnel('localhost', int(secure))
for body in (data, iter([data[:1000], data[1000:]])):
    connection.request('POST', '/a', body=body, encode_chunked=False)
    print(connection.getresponse().read().decode())
opener = urllib.request.build_opener(urllib.request.ProxyHandler({'http': 'http://127.0.0.1:' + proxy, 'https': 'http://127.0.0.1:' + proxy}), urllib.request.HTTPSHandler(context=context))
for base in ('http://localhost:' + plain, 'https://localhost:' + secure):
    print(opener.open(base + '/a').read().decode())
`;
    const args = [
      String(bench.recording.port),
      String(origin.port),
      String(secure.port),
      bench.recording.ca.certPath,
      join(folder, "file"),
    ];
    const { code, stdout, stderr } = await run("python3", ["-c", script, ...args], {
      env: { ...process.env, no_proxy: "" },
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      `POST 1.1 300000 300000 ${fileHash}`,
      `POST 1.1 chunked 300000 ${fileHash}`,
      `GET 1.1 none 0 ${emptyHash}`,
      `GET 1.1 none 0 ${emptyHash}`,
    ]);
  });

  wireTest("node-agent", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let n = 0; n < 20; n++) {
      const request = http.request({
        host: "127.0.0.1",
        port: bench.recording.port,
        agent,
        method: "POST",
        path: `http://localhost:${origin.port}/${n}`,
        headers: { Host: `localhost:${origin.port}` },
      });
      request.end("hello");
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      ports.add(request.socket?.localPort);
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      expect(text).toMatch(/^POST 1\.1 5 5 /);
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  wireTest("ws", async () => {
    const webSockets = new WebSocketServer({ server: secure.server as http.Server });
    webSockets.on("connection", (socket) => {
      socket.on("message", (data, binary) => socket.send(data, { binary }));
    });
    const served = once(webSockets, "connection") as Promise<[WebSocket]>;
    const socket = await secureThrough(bench.recording.port, `localhost:${secure.port}`, {
      ca: bench.recording.ca.certPem,
      servername: "localhost",
    });
    const client = new WebSocket(`ws://localhost:${secure.port}/`, { createConnection: () => socket });
    await once(client, "open");
    const echoed: string[] = [];
    for (const message of ["text", Buffer.from("binary"), "x".repeat(200_000)]) {
      client.send(message);
      const [data, binary] = (await once(client, "message")) as [Buffer, boolean];
      echoed.push(`${binary} ${data.length}`);
    }
    const [server] = await served;
    const serverClosed = once(server, "close") as Promise<[number, Buffer]>;
    client.close(4001, "done");
    const closes = [(await once(client, "close")) as [number, Buffer], await serverClosed];
    expect(echoed).toEqual(["false 4", "true 6", "false 200000"]);
    expect(closes.map(([code, reason]) => `${code} ${reason}`)).toEqual(["4001 done", "4001 done"]);
    webSockets.close();
  });
});
