// Holding an exchange, looking at it, changing it, letting it go and dropping it.
import http from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpOrigin, type Origin } from "../support/origin.js";
import { errorOf, list, removeAll, stdioClient, type TestClient, tempHome, text } from "./support.js";

const SECRET = "tok_9fK2mQ8xLw4ZrT7vBn3c";
const folders: string[] = [];
let origin: Origin;
let client: TestClient;
let proxy: URL;

beforeAll(async () => {
  const home = await tempHome();
  folders.push(home);
  origin = await httpOrigin((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () =>
      response.end(JSON.stringify({ path: request.url, token: request.headers.authorization, body })),
    );
  });
  client = await stdioClient(home);
  proxy = new URL(text((await client.ok("start_capture")).data.url));
});

afterAll(async () => {
  await client.close();
  await origin.close();
  await removeAll(folders);
});

/** A GET or POST through the proxy. @returns what came, or the error's code */
function send(path: string, body?: string): Promise<string> {
  const url = `http://127.0.0.1:${origin.port}${path}`;
  const method = body === undefined ? "GET" : "POST";
  const headers = { Authorization: `Bearer ${SECRET}` };
  return new Promise((resolve) => {
    const request = http.request(
      { host: proxy.hostname, port: proxy.port, path: url, method, headers, agent: false },
      (response) => {
        let answer = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          answer += chunk;
        });
        response.on("end", () => resolve(answer));
      },
    );
    request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(body);
  });
}

async function held(count: number): Promise<Record<string, unknown>[]> {
  await expect.poll(async () => (await client.ok("list_held")).data.total, { timeout: 20_000 }).toBe(count);
  return list((await client.ok("list_held")).data.exchanges);
}

test("an exchange is held, shown redacted, changed, and goes on; its response is held again", async () => {
  await client.ok("set_intercept", { filter: "~u /held" });
  const answer = send("/held", "quantity=1");
  const [request] = await held(1);
  const shown = await client.ok("show_held", { id: request?.id });
  expect(shown.data).toMatchObject({ phase: "request", method: "POST", body: { text: "quantity=1" } });
  expect(shown.text).toMatch(/Authorization: Bearer REDACTED-\d+/);
  expect(shown.text).not.toContain(SECRET);
  const away = errorOf(await client.call("edit_held", { id: request?.id, url: "http://127.0.0.1:1/" }));
  expect(away.code).toBe("NOT_ALLOWED");
  await client.ok("edit_held", { id: request?.id, body: "quantity=2", setHeaders: [["X-Edited", "yes"]] });
  const [response] = await held(1);
  expect(response).toMatchObject({ phase: "response", status: 200 });
  await client.ok("resume_held", { id: response?.id });
  // The header that was not named went as it was.
  expect(JSON.parse(await answer)).toMatchObject({ body: "quantity=2", token: `Bearer ${SECRET}` });
});

test("a response is changed", async () => {
  const answer = send("/held?2");
  const [request] = await held(1);
  await client.ok("resume_held", { id: request?.id });
  const [response] = await held(1);
  await client.ok("edit_held", { id: response?.id, bodyBase64: Buffer.from("other").toString("base64") });
  expect(await answer).toBe("other");
});

test("one is dropped, the others go on", async () => {
  const dropped = send("/held?3");
  const [request] = await held(1);
  await client.ok("drop_held", { id: request?.id });
  expect(await dropped).toMatch(/ECONNRESET|socket hang up/);
  const answers = [send("/held?4"), send("/held?5")];
  await held(2);
  await client.ok("set_intercept", { filter: null });
  expect((await client.ok("resume_all_held")).data.count).toBe(2);
  // They keep the rules that they began with: their responses are held as well.
  await held(2);
  await client.ok("resume_all_held");
  expect((await Promise.all(answers)).map((each) => JSON.parse(each))).toMatchObject([
    { path: "/held?4" },
    { path: "/held?5" },
  ]);
});
