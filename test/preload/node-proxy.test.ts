// Real Node processes with the preload and the proxy variables, and what their proxy was asked for. Runs on this Node;
// TRAFFICCTL_TEST_NODES adds other binaries, separated by ":".
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { compilePreload } from "../support/compiled-preload.js";
import { createTinyCa } from "../support/tiny-ca.js";
import { startTinyConnectProxy, type TinyConnectProxy } from "../support/tiny-connect-proxy.js";

const nodes = [process.execPath, ...(process.env.TRAFFICCTL_TEST_NODES?.split(":") ?? [])];
const folder = mkdtempSync(join(tmpdir(), "trafficctl-preload-"));
const servers: Server[] = [];
let preload = "";
let ca = "";
let proxy: TinyConnectProxy;
let plainPort = 0;
let securePort = 0;

const listener: RequestListener = (request, response) => {
  if (request.url === "/redirect") {
    response.writeHead(302, { location: "/echo" }).end();
  } else if (request.url === "/large") {
    response.end(Buffer.alloc(20_000_000, "x"));
  } else if (request.url === "/cut") {
    response.writeHead(200, { "content-length": "100" });
    response.write("a few bytes", () => request.socket.destroy());
  } else if (request.url === "/endless") {
    response.write("first");
  } else {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("x-method", request.method ?? "");
      response.end(Buffer.concat(chunks).toString() || `hello from ${request.url}`);
    });
  }
};

beforeAll(async () => {
  const tiny = createTinyCa(folder);
  ca = tiny.certPath;
  preload = compilePreload(join(folder, "pre load"));
  symlinkSync(join(import.meta.dirname, "..", "..", "node_modules"), join(folder, "node_modules"));
  const plain = createHttpServer(listener);
  const secure = createSecureServer({ ...tiny.leaf, allowHTTP1: true });
  secure.on("request", listener as () => void);
  for (const server of [plain, secure]) {
    const sockets = new WebSocketServer({ noServer: true });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${String(data)}`)));
    server.on("upgrade", (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit("connection", webSocket)),
    );
  }
  plainPort = await listen(plain);
  securePort = await listen(secure as unknown as Server);
  proxy = await startTinyConnectProxy();
  proxy.aliases.add("origin.test");
});

beforeEach(() => {
  proxy.seen.length = 0;
  proxy.refusal = undefined;
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

interface Run {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

let files = 0;

/** Runs a program with top-level await (`mjs`) or without (`cjs`). P and S are the origins' URLs, at a name that only the proxy knows. */
async function run(
  node: string,
  source: string,
  options: { type?: "cjs" | "mjs"; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const file = join(folder, `program-${files++}.${options.type ?? "mjs"}`);
  const constants = `const P = "http://origin.test:${plainPort}", S = "https://origin.test:${securePort}", print = (x) => process.stdout.write(JSON.stringify(x) + "\\n");\n`;
  writeFileSync(file, constants + source);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    NODE_OPTIONS: `--require "${preload}"`,
    NODE_EXTRA_CA_CERTS: ca,
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
    NO_PROXY: "",
    no_proxy: "",
    ...options.env,
  };
  return new Promise((resolve) => {
    execFile(node, [file], { env, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr });
    });
  });
}

/** Lines that a program printed, each of one JSON value; fails with its stderr where it ended badly or said something. */
function printed(run: Run): unknown[] {
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  return run.stdout
    .split("\n")
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}

describe.each(nodes)("%s", (node) => {
  const connect = () => ({
    plain: `CONNECT origin.test:${plainPort}`,
    secure: `CONNECT origin.test:${securePort}`,
  });

  describe("fetch", () => {
    it.each(["cjs", "mjs"] as const)("goes through the proxy, http and https, in %s", async (type) => {
      const source = `(async () => { for (const u of [P, S]) print(await (await fetch(u + "/a")).text()); })();`;
      expect(printed(await run(node, source, { type }))).toEqual(["hello from /a", "hello from /a"]);
      expect(proxy.seen).toEqual([connect().plain, connect().secure]);
    });

    it("follows redirects, posts forms and streams, receives large bodies whole", async () => {
      const source = `
        print(await (await fetch(S + "/redirect")).text());
        const form = new FormData(); form.set("field", "value");
        print((await (await fetch(S + "/", { method: "POST", body: form })).text()).includes('name="field"'));
        const parts = new ReadableStream({ start(c) { for (const p of ["one ", "two"]) c.enqueue(new TextEncoder().encode(p)); c.close(); } });
        print(await (await fetch(S + "/", { method: "PUT", body: parts, duplex: "half" })).text());
        for (const u of [P, S]) { let n = 0; for await (const chunk of (await fetch(u + "/large")).body) n += chunk.length; print(n); }`;
      expect(printed(await run(node, source))).toEqual([
        "hello from /echo",
        true,
        "one two",
        20_000_000,
        20_000_000,
      ]);
      expect(new Set(proxy.seen)).toEqual(new Set([connect().plain, connect().secure]));
    });

    it("gives the errors of a connection that breaks, an abort, a name the certificate lacks", async () => {
      const source = `
        const code = async (p) => { try { await p; return "none"; } catch (e) { return e.cause?.code ?? e.name; } };
        print(await code(fetch(S + "/cut").then((r) => r.text())));
        const controller = new AbortController();
        const response = await fetch(S + "/endless", { signal: controller.signal });
        const reader = response.body.getReader(); await reader.read(); controller.abort();
        print(await code(reader.read()));
        print(await code(fetch(S.replace("origin.test", "other.name"))));
        print(await code(fetch(S, { signal: AbortSignal.abort() })));`;
      proxy.aliases.add("other.name");
      expect(printed(await run(node, source))).toEqual([
        expect.stringMatching(/UND_ERR_SOCKET|ECONNRESET/),
        "AbortError",
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "AbortError",
      ]);
    });

    it("says what the proxy answered when it refuses, and ECONNREFUSED when it is gone", async () => {
      const source = `for (const u of [P, S]) try { await fetch(u); } catch (e) { print([e.cause.code, e.cause.message]); }`;
      proxy.refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
      const [plain, secure] = printed(await run(node, source)) as [string, string][];
      for (const error of [plain, secure]) expect(error?.join(" ")).toMatch(/403|ECONNRESET|UND_ERR/);
      const gone = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };
      const refused = printed(await run(node, source, { env: gone })) as [string, string][];
      expect(refused.map(([code]) => code)).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
    });

    it("works in worker threads and in a grandchild", async () => {
      const source = `
        import { Worker } from "node:worker_threads"; import { execFileSync } from "node:child_process";
        const worker = new Worker('fetch(' + JSON.stringify(S + "/worker") + ').then((r) => r.text()).then((t) => require("worker_threads").parentPort.postMessage(t))', { eval: true });
        print(await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)));
        const inner = 'fetch(' + JSON.stringify(S + "/grandchild") + ').then((r) => r.text()).then((t) => process.stdout.write(t))';
        const outer = 'process.stdout.write(require("child_process").execFileSync(process.execPath, ["-e", process.argv[1]]))';
        print(execFileSync(process.execPath, ["-e", outer, inner], { encoding: "utf8" }));`;
      expect(printed(await run(node, source))).toEqual(["hello from /worker", "hello from /grandchild"]);
      expect(proxy.seen).toEqual([connect().secure, connect().secure]);
    });
  });

  it("brings the undici package to the proxy: its default dispatcher, an agent, a pool, and one set globally", async () => {
    const source = `
      import { Agent, Pool, request, setGlobalDispatcher, fetch as undiciFetch } from "undici";
      print(await (await request(S + "/default")).body.text());
      print(await (await request(P + "/agent", { dispatcher: new Agent({ connect: { timeout: 5000 } }) })).body.text());
      print(await (await new Pool(S).request({ path: "/pool", method: "GET" })).body.text());
      setGlobalDispatcher(new Agent());
      print(await (await undiciFetch(S + "/global")).text());
      process.exit(0);`;
    if (!/v(1[0-9]|20\.[0-9]\.)/.test((await run(node, "print(process.version)")).stdout)) {
      expect(printed(await run(node, source))).toEqual(
        ["/default", "/agent", "/pool", "/global"].map((p) => `hello from ${p}`),
      );
      expect(proxy.seen).toEqual([connect().secure, connect().plain, connect().secure, connect().secure]);
    }
  });

  describe("http and https", () => {
    const get = `
      import http, { request as plainRequest } from "node:http"; import https, { get as secureGet } from "node:https";
      const text = (start) => new Promise((resolve, reject) => start((r) => { let t = ""; r.on("data", (d) => (t += d)).on("end", () => resolve(t)); }).on("error", reject).end());
    `;

    it("requests by the default agents, by agents of the program's own, without an agent, by name and by URL", async () => {
      const source = `${get}
        const keepAlive = new https.Agent({ keepAlive: true, maxSockets: 1 });
        print(await text((f) => http.get(P + "/1", f)));
        print(await text((f) => secureGet(S + "/2", f)));
        print(await text((f) => https.request(new URL(S + "/3"), { agent: keepAlive }, f)));
        print(await text((f) => https.request(new URL(S + "/4"), { agent: keepAlive }, f)));
        print(await text((f) => plainRequest(P + "/5", { agent: new http.Agent() }, f)));
        print(await text((f) => https.request({ host: "origin.test", port: new URL(S).port, path: "/6", agent: false }, f)));`;
      expect(printed(await run(node, source))).toEqual([1, 2, 3, 4, 5, 6].map((n) => `hello from /${n}`));
      expect(proxy.seen.filter((line) => line.startsWith("CONNECT")).length).toBeGreaterThanOrEqual(4);
      expect(proxy.seen.every((line) => line.includes("origin.test"))).toBe(true);
    });

    it("keeps idle connections and reuses them, and they do not keep the process", async () => {
      const source = `${get}
        const agent = new https.Agent({ keepAlive: true });
        const socketOf = () => new Promise((resolve) => { const r = https.get(S, { agent }, (m) => m.resume().on("close", () => setImmediate(resolve, r.reusedSocket))); });
        print([await socketOf(), await socketOf()]);`;
      const started = performance.now();
      expect(printed(await run(node, source))).toEqual([[false, true]]);
      expect(proxy.seen).toHaveLength(1);
      expect(performance.now() - started).toBeLessThan(20_000);
    });

    it("uploads with backpressure and downloads large bodies", async () => {
      const source = `${get}
        for (const [m, u] of [[http, P], [https, S]]) {
          print((await text((f) => m.get(u + "/large", f))).length);
          print((await text((f) => { const r = m.request(u, { method: "POST" }, f); for (let i = 0; i < 100; i++) r.write(Buffer.alloc(65536, "y")); return r; })).length);
        }`;
      expect(printed(await run(node, source))).toEqual([20_000_000, 6_553_600, 20_000_000, 6_553_600]);
    });

    it("leaves alone what needs no proxy: the proxy itself, socketPath, NO_PROXY, other sockets", async () => {
      const path = join(folder, `${files}.sock`);
      const local = createHttpServer(listener);
      servers.push(local);
      local.listen(path);
      await once(local, "listening");
      const greeting = createTcpServer((socket) => socket.end("220 ready"));
      const greetingPort = await listen(greeting);
      const source = `${get} import net from "node:net";
        print(await text((f) => http.get({ socketPath: ${JSON.stringify(path)}, path: "/unix" }, f)));
        print(await text((f) => http.get({ host: "localhost", port: ${proxy.port}, path: P + "/absolute" }, f)));
        print(await text((f) => http.get("http://127.0.0.1:${plainPort}/bypassed", f)));
        print(await (await fetch("http://127.0.0.1:${plainPort}/bypassed")).text());
        print(await new Promise((resolve) => net.connect(${greetingPort}, "127.0.0.1").on("data", (d) => resolve(String(d)))));`;
      const env = { no_proxy: "127.0.0.1" };
      const bypassed = "hello from /bypassed";
      expect(printed(await run(node, source, { env }))).toEqual([
        "hello from /unix",
        "hello from /absolute",
        bypassed,
        bypassed,
        "220 ready",
      ]);
      expect(proxy.seen).toEqual([`GET http://origin.test:${plainPort}/absolute`]);
    });

    it("emits an error with a code: refused by the proxy, cut off by it, gone", async () => {
      const source = `${get}
        for (const [m, u] of [[http, P], [https, S]]) print(await text((f) => m.get(u, f)).catch((e) => e.code));`;
      proxy.refusal = "HTTP/1.1 502 Bad Gateway\r\n\r\n";
      expect(printed(await run(node, source))).toEqual(["ERR_PROXY_TUNNEL", "ERR_PROXY_TUNNEL"]);
      proxy.refusal = "HTTP/1.1 200";
      expect(printed(await run(node, source))).toEqual(["ECONNRESET", "ECONNRESET"]);
      const env = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };
      expect(printed(await run(node, source, { env }))).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
    });

    it("can be destroyed at any moment, and timed out while the proxy is silent", async () => {
      proxy.aliases.add("silent.test");
      const source = `${get}
        const ended = (r) => new Promise((resolve) => r.on("error", () => {}).on("close", () => resolve("closed")));
        for (const [m, u] of [[http, P], [https, S]]) {
          const now = m.get(u); now.destroy(); print(await ended(now));
          const soon = m.get(u); setImmediate(() => soon.destroy()); print(await ended(soon));
          const connected = m.get(u); connected.on("socket", (s) => s.on("connect", () => connected.destroy())); print(await ended(connected));
        }`;
      expect(printed(await run(node, source))).toEqual(Array(6).fill("closed"));
    });
  });

  it("brings WebSockets to the proxy: the ws package, and the global where there is one", async () => {
    const source = `
      import { WebSocket as Ws } from "ws";
      const echo = (s) => new Promise((resolve, reject) => { s.onopen = () => s.send("hi"); s.onmessage = (e) => { resolve(String(e.data)); s.close(); }; s.onerror = (e) => reject(e.error ?? e); });
      for (const u of [P, S]) print(await echo(new Ws(u.replace("http", "ws"))));
      for (const u of [P, S]) print(globalThis.WebSocket ? await echo(new WebSocket(u.replace("http", "ws"))) : "echo hi");`;
    expect(printed(await run(node, source))).toEqual(Array(4).fill("echo hi"));
    expect(proxy.seen.slice(0, 2)).toEqual([connect().plain, connect().secure]);
    expect(proxy.seen.every((line) => line.startsWith("CONNECT origin.test:"))).toBe(true);
  });

  it("works beside Node's own proxy support, and brings it the agents that it leaves out", async () => {
    const source = `
      import http from "node:http"; import https from "node:https";
      const text = (m, u, agent) => new Promise((resolve, reject) => m.get(u, { agent }, async (r) => { let t = ""; for await (const d of r) t += d; resolve(t); }).on("error", reject));
      for (const u of [P, S]) print(await (await fetch(u + "/fetch")).text());
      for (const [m, u] of [[http, P], [https, S]]) { print(await text(m, u + "/global")); print(await text(m, u + "/own", new m.Agent({ keepAlive: true }))); }`;
    const paths = ["/fetch", "/fetch", "/global", "/own", "/global", "/own"];
    const answer = await run(node, source, { env: { NODE_USE_ENV_PROXY: "1" } });
    // Node 22.21 warns on stderr that its own support is experimental.
    expect(printed({ ...answer, stderr: "" })).toEqual(paths.map((path) => `hello from ${path}`));
    // Node's own support sends http: requests to the proxy in absolute form.
    expect(proxy.seen).toHaveLength(6);
  });

  it("brings http2.connect over TLS to the proxy, in a program that loads https too", async () => {
    const source = `
      import "node:https"; import http2 from "node:http2";
      const session = http2.connect(S);
      const stream = session.request({ ":path": "/h2" });
      let body = ""; for await (const chunk of stream) body += chunk;
      print(body); session.close();`;
    expect(printed(await run(node, source))).toEqual(["hello from /h2"]);
    expect(proxy.seen).toEqual([connect().secure]);
  });

  it("leaves no trace on agents once https is loaded, before or after it", async () => {
    const source = `const http = require("http"); new http.Agent().on("data", () => {});
      const before = Object.hasOwn(http.Agent.prototype, "on"); require("https");
      print([before, Object.hasOwn(http.Agent.prototype, "on"), http.Agent.prototype.on === require("events").prototype.on]);`;
    expect(printed(await run(node, source, { type: "cjs" }))).toEqual([[true, false, true]]);
    const early = `--require https --require "${preload}"`;
    const request = `(async () => { require("https").get(S + "/early", { agent: new (require("https").Agent)() }, async (r) => { for await (const d of r) print(String(d)); }); })();`;
    expect(printed(await run(node, request, { type: "cjs", env: { NODE_OPTIONS: early } }))).toEqual([
      "hello from /early",
    ]);
  });

  it("changes nothing where no proxy is set, and never stops a program", async () => {
    const source = `import net from "node:net"; print([net.connect === net.createConnection, net.connect.name, typeof fetch]);`;
    for (const value of [undefined, "", "not a url at all://", "socks5://127.0.0.1:1"]) {
      const [first] = printed(await run(node, source, { env: { HTTP_PROXY: value, HTTPS_PROXY: value } }));
      expect(first).toEqual([true, "connect", "function"]);
    }
  });
});
