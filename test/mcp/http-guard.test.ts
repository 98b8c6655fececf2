// Who may talk to the HTTP server: Host, Origin, the token and the file that it is kept in.
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalOf } from "../../src/mcp/http-guard.js";
import { type HttpServer, httpServer, removeAll, tempHome } from "./support.js";

const folders: string[] = [];
let home: string;
let server: HttpServer;

beforeAll(async () => {
  home = await tempHome();
  folders.push(home);
  server = await httpServer(home);
});

afterAll(async () => {
  await server.close();
  await removeAll(folders);
});

const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } },
});

function post(
  headers: Record<string, string>,
  path = "/mcp",
): Promise<{ status: number; headers: http.IncomingHttpHeaders }> {
  const { port } = new URL(server.url);
  const all = {
    Authorization: `Bearer ${server.token}`,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: "127.0.0.1", port, path, method: "POST", headers: all },
      (response) => {
        response.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      },
    );
    request.on("error", reject);
    request.end(INITIALIZE);
  });
}

test("a program with the token is served", async () => {
  expect((await post({})).status).toBe(200);
  const { port } = new URL(server.url);
  expect((await post({ Host: `localhost:${port}` })).status).toBe(200);
  expect((await post({ Origin: "http://localhost:6274" })).status).toBe(200);
});

describe("is refused", () => {
  test.each([
    ["without the token", { Authorization: "" }, 401],
    ["with another token", { Authorization: `Bearer ${"A".repeat(43)}` }, 401],
    ["with the token in another scheme", { Authorization: "Basic x" }, 401],
    ["under another name (DNS rebinding)", { Host: "evil.example:3001" }, 403],
    ["under a name that begins like ours", { Host: "localhost.evil.example" }, 403],
    ["for another port", { Host: "127.0.0.1:1" }, 403],
    ["from a web page", { Origin: "https://evil.example" }, 403],
    ["from a page of a name that begins like ours", { Origin: "http://localhost.evil.example" }, 403],
    ["from a page without an origin", { Origin: "null" }, 403],
  ] as const)("%s", async (_, headers, status) => {
    expect((await post(headers)).status).toBe(status);
  });

  test("at another path, and for a session that is not there", async () => {
    expect((await post({}, "/")).status).toBe(404);
    expect((await post({ "Mcp-Session-Id": "no-such-session" })).status).toBe(404);
  });

  test("and is told how to authorize", async () => {
    expect((await post({ Authorization: "" })).headers["www-authenticate"]).toContain("Bearer");
  });
});

test.each([
  ["127.0.0.1:3001", true],
  ["LOCALHOST:3001", true],
  ["[::1]:3001", true],
  ["127.0.0.1", false],
  ["127.0.0.1:3002", false],
  ["127.0.0.1.nip.io:3001", false],
  ["user@127.0.0.1:3001", false],
  ["", false],
  [undefined, false],
])("Host %s", (host, isRight) => {
  const headers = { ...(host === undefined ? {} : { host }), authorization: "Bearer t" };
  expect(refusalOf({ headers }, { port: 3001, token: "t" }) === undefined).toBe(isRight);
});

describe("the token", () => {
  test("is kept in a file of its user, and shown once", async () => {
    const path = join(home, "mcp-token");
    expect((await readFile(path, "utf8")).trim()).toBe(server.token);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(server.stderr()).toContain(server.token);
    const again = await httpServer(home);
    expect(again.token).toBe("");
    expect(again.stderr()).not.toContain(server.token);
    await again.close();
  });

  test.each([
    ["that others could read", async (path: string) => chmod(path, 0o644)],
    ["that holds something else", async (path: string) => writeFile(path, "short\n")],
  ])("is made anew in place of one %s", async (_, spoil) => {
    const other = await tempHome();
    folders.push(other);
    const first = await httpServer(other);
    await first.close();
    await spoil(join(other, "mcp-token"));
    const second = await httpServer(other);
    expect(second.token).toMatch(/^[\w-]{43}$/);
    expect(second.token).not.toBe(first.token);
    expect((await stat(join(other, "mcp-token"))).mode & 0o777).toBe(0o600);
    await second.close();
  });
});
