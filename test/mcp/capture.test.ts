// How a capture is started and emptied: reverse mode, upstream proxies, client certificates, options that would be ignored.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { httpOrigin, httpsOrigin, originAuthority } from "../support/origin.js";
import { errorOf, list, removeAll, stdioClient, type TestClient, tempHome, text } from "./support.js";

const folders: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await removeAll(folders);
});

async function newClient(...args: string[]): Promise<{ home: string; client: TestClient }> {
  const home = await tempHome();
  folders.push(home);
  const client = await stdioClient(home, ...args);
  closing.push(() => client.close());
  return { home, client };
}

async function hello(): Promise<string> {
  const origin = await httpOrigin((request, response) => response.end(`hello ${request.url}`));
  closing.push(() => origin.close());
  return `http://127.0.0.1:${origin.port}`;
}

test("in reverse mode the port is the server, and programs are not brought to it as to a proxy", async () => {
  const { client } = await newClient("--allow-exec");
  const origin = await hello();
  const started = await client.ok("start_capture", { session: "as-server", reverse: origin });
  expect(started.data.reverse).toBe(origin);
  expect(started.text).toContain(origin);
  const answer = await fetch(`${text(started.data.url)}/path`);
  expect(await answer.text()).toBe("hello /path");
  await expect
    .poll(async () => (await client.ok("list_exchanges", { session: "as-server" })).data.exchanges)
    .toMatchObject([{ url: `${origin}/path`, status: 200 }]);
  expect(errorOf(await client.call("get_environment"))).toMatchObject({
    code: "BAD_OPTION",
    message: expect.stringContaining("no proxy"),
  });
  expect(errorOf(await client.call("get_environment", { session: "as-server" })).code).toBe("BAD_OPTION");
  const ran = await client.ok("run_command", { command: "curl", args: ["-sS", `${origin}/other`] });
  expect(ran.data).toMatchObject({ output: "hello /other", exchanges: 1 });
  expect(ran.data.session).not.toBe("as-server");
});

test.each([
  "ftp://origin.test",
  "http://user:secret-word@origin.test",
  "http://origin.test/path",
  "nonsense",
  "",
])("reverse %s is refused, and nothing runs", async (reverse) => {
  const { client } = await newClient();
  const error = errorOf(await client.call("start_capture", { reverse }));
  expect(error.code).toBe("BAD_OPTION");
  expect(JSON.stringify(error)).not.toContain("secret-word");
  expect((await client.ok("capture_status")).data.total).toBe(0);
});

test("an upstream proxy needs the flag, as a rule that sends requests elsewhere does", async () => {
  const { client } = await newClient();
  const upstreamProxy = ["http://user:secret-word@127.0.0.1:1"];
  const error = errorOf(await client.call("start_capture", { upstreamProxy }));
  expect(error).toMatchObject({ code: "NOT_ALLOWED", hint: expect.stringContaining("--allow-send") });
  expect(JSON.stringify(error)).not.toContain("secret-word");
});

test("connections go by way of an upstream proxy, but for hosts that are named", async () => {
  const { client: outer } = await newClient();
  const { client } = await newClient("--allow-send", "--allow-exec");
  const origin = await hello();
  const upstream = await outer.ok("start_capture", { session: "outer" });
  const upstreamProxy = [text(upstream.data.url).replace("http://", "http://user:secret-word@")];
  await client.ok("start_capture", { session: "inner", upstreamProxy, noUpstreamProxy: ["localhost"] });
  const get = (url: string) => client.ok("run_command", { command: "curl", args: ["-sS", url] });
  expect((await get(`${origin}/far`)).data.output).toBe("hello /far");
  expect((await get(`${origin.replace("127.0.0.1", "localhost")}/near`)).data.output).toBe("hello /near");
  const seen = await outer.ok("list_exchanges", { session: "outer" });
  expect(list(seen.data.exchanges).map(({ url }) => url)).toEqual([`${origin}/far`]);
  const options = await client.ok("get_options");
  expect(options.text).toContain("upstream-proxy");
  expect(options.text).not.toContain("secret-word");
  await client.ok("stop_capture");
  for (const bad of [["nonsense://x"], ["http://a:1", "http://b:1"]])
    expect(errorOf(await client.call("start_capture", { upstreamProxy: bad })).code).toBe("BAD_OPTION");
  expect(errorOf(await client.call("start_capture", { noUpstreamProxy: ["x"] })).code).toBe("BAD_OPTION");
});

test("a client certificate is shown to origins that ask; its file has to be in a root", async () => {
  const { home, client } = await newClient("--allow-exec");
  const authority = await originAuthority();
  closing.push(() => authority.remove());
  const origin = await httpsOrigin(authority, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.end(subject?.CN ?? "nobody");
  });
  closing.push(() => origin.close());
  (origin.server as unknown as { requestCert: boolean; rejectUnauthorized: boolean }).requestCert = true;
  (origin.server as unknown as { requestCert: boolean; rejectUnauthorized: boolean }).rejectUnauthorized =
    false;
  const path = (name: string): string => join(home, name);
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("key.pem"), "-out", path("cert.pem"), "-days", "2", "-subj", "/CN=the client"], { stdio: "ignore" }); // biome-ignore format: one command line
  await writeFile(
    path("client.pem"),
    `${await readFile(path("cert.pem"), "utf8")}${await readFile(path("key.pem"), "utf8")}`,
  );
  await writeFile(path("ca.pem"), await readFile(authority.caPath));
  const refused = errorOf(await client.call("start_capture", { clientCert: authority.caPath }));
  expect(refused.code).toBe("NOT_ALLOWED");
  expect(errorOf(await client.call("start_capture", { clientCert: "cert.pem" })).code).toBe(
    "BAD_CERTIFICATE_FILE",
  );
  await client.ok("start_capture", { clientCert: "client.pem", upstreamCa: "ca.pem" });
  const args = ["-sS", `https://localhost:${origin.port}/`];
  expect((await client.ok("run_command", { command: "curl", args })).data.output).toBe("the client");
});

test("clear_capture keeps the proxy, its connections, its session and its rules", async () => {
  const { client } = await newClient();
  const origin = await hello();
  const started = await client.ok("start_capture", { session: "cleared" });
  const rule = { name: "tagged", match: "~u hello", actions: { tag: "x" } };
  await client.ok("add_rules", { rules: [rule] });
  const { port } = new URL(text(started.data.url));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(async () => agent.destroy());
  const get = async (path: string): Promise<number | undefined> => {
    const request = http.get({
      host: "127.0.0.1",
      port,
      agent,
      path: `${origin}${path}`,
      headers: { Host: new URL(origin).host },
    });
    const [response] = await once(request, "response");
    const socket = request.socket;
    response.resume();
    await once(response, "end");
    return socket?.localPort;
  };
  const before = await get("/one");
  await get("/two");
  await expect
    .poll(async () => (await client.ok("count_exchanges", { session: "cleared" })).data.total)
    .toBe(2);
  const cleared = await client.ok("clear_capture");
  expect(cleared.data).toMatchObject({ cleared: 2, session: "cleared", url: started.data.url });
  expect((await client.ok("count_exchanges", { session: "cleared" })).data.total).toBe(0);
  expect(await get("/three")).toBe(before);
  await expect
    .poll(async () => (await client.ok("list_exchanges", { session: "cleared" })).data.exchanges)
    .toMatchObject([{ url: `${origin}/three` }]);
  expect((await client.ok("list_rules")).data).toMatchObject({ rules: [{ name: "tagged" }] });
  await client.ok("stop_capture");
  expect((await client.ok("show_session", { session: "cleared" })).data).toMatchObject({
    exchanges: 1,
    dropped: 2,
    drops: { cleared: 2 },
  });
});

test("clear_capture begins anew where recording had ended at its limit", async () => {
  const { client } = await newClient("--allow-exec");
  const origin = await hello();
  await client.ok("start_capture", { session: "full", maxDisk: 1 });
  const command = { command: "curl", args: ["-sS", `${origin}/`] };
  await client.ok("run_command", command);
  const cleared = await client.ok("clear_capture");
  expect(cleared.data).toMatchObject({ cleared: 0, session: "full" });
  expect((await client.ok("capture_status")).data).toMatchObject({ total: 1 });
});

test("options for a proxy of its own are refused where one runs that is used", async () => {
  const { client } = await newClient("--allow-exec");
  await client.ok("start_capture");
  for (const [name, args] of [
    ["run_command", { command: "true", filter: "~m POST" }],
    ["run_command", { command: "true", session: "mine" }],
    ["capture_traffic", { seconds: 0.1, methods: ["POST"] }],
  ] as const) {
    expect(errorOf(await client.call(name, args)), name).toMatchObject({
      code: "BAD_OPTION",
      message: expect.stringMatching(/filter|session|methods/),
    });
  }
});
