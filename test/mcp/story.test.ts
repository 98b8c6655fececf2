// The whole story over both transports: record a client, find the call that fails, change it and send it again, mock it,
// hold it and change it by hand, compare, export a HAR, serve the recording, stop.
import { readFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { httpOrigin, type Origin } from "../support/origin.js";
import { httpServer, list, removeAll, stdioClient, type TestClient, tempHome, text } from "./support.js";

const folders: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await removeAll(folders);
});

/** Takes orders of a number of things; anything else is a 422. */
function shop(): Promise<Origin> {
  return httpOrigin((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answer = (status: number, body: unknown): void => {
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      };
      if (request.method === "GET") return answer(200, { orders: [] });
      const order: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const isRight =
        typeof order === "object" &&
        order !== null &&
        "quantity" in order &&
        typeof order.quantity === "number";
      return isRight ? answer(201, { id: 4711 }) : answer(422, { error: "quantity has to be a number" });
    });
  });
}

const CONNECT: Readonly<Record<string, (home: string) => Promise<TestClient>>> = {
  stdio: (home) => stdioClient(home, "--allow-exec", "--allow-send"),
  http: async (home) => {
    const server = await httpServer(home, "--allow-exec", "--allow-send");
    closing.push(() => server.close());
    return await server.connect();
  },
};

describe.each(Object.keys(CONNECT))("over %s", (transport) => {
  test("a failing call is found, understood, mended, mocked and handed over", async () => {
    const home = await tempHome();
    folders.push(home);
    const origin = await shop();
    closing.push(() => origin.close());
    const client = await CONNECT[transport]!(home);
    closing.push(() => client.close());
    const url = `http://127.0.0.1:${origin.port}/orders`;

    const started = await client.ok("start_capture", { session: "story" });
    expect(started.data.session).toBe("story");
    const order = [
      "-sS",
      "-X",
      "POST",
      "-H",
      "Content-Type: application/json",
      "-H",
      "Authorization: Bearer story-secret-1",
    ];
    await client.ok("run_command", { command: "curl", args: ["-sS", url] });
    await client.ok("run_command", { command: "curl", args: [...order, "-d", '{"quantity":"two"}', url] });

    const failing = await client.ok("list_exchanges", { session: "story", statuses: ["4xx"] });
    expect(failing.data).toMatchObject({ total: 1, exchanges: [{ method: "POST", status: 422, url }] });
    const [row] = list(failing.data.exchanges);
    const shown = await client.ok("get_exchange", { session: "story", exchange: text(row?.id) });
    expect(shown.data).toMatchObject({
      request: { body: { text: '{"quantity":"two"}' } },
      response: { status: 422, body: { text: '{"error":"quantity has to be a number"}' } },
    });
    expect(shown.text).not.toContain("story-secret-1");

    const mended = await client.ok("resend_exchange", {
      session: "story",
      exchange: text(row?.id),
      jsonSet: [["/quantity", 2]],
      into: "mended",
    });
    expect(mended.data).toMatchObject({
      session: "mended",
      counts: { answered: 1 },
      results: [{ status: 201, recordedStatus: 422 }],
    });
    const sent = await client.ok("get_exchange", { session: "mended", exchange: "1" });
    expect(sent.data).toMatchObject({
      replays: text(row?.id),
      request: { body: { text: '{"quantity":2}' } },
    });

    const rule = {
      name: "orders are taken",
      match: "~m POST & ~u /orders",
      actions: { respond: { status: 201, json: { id: 1 } } },
    };
    const tried = await client.ok("test_rules", { rules: [rule], session: "story", exchange: text(row?.id) });
    expect(tried.data.winner).toBe("orders are taken");
    await client.ok("add_rules", { rules: [rule] });
    const mocked = await client.ok("run_command", {
      command: "curl",
      args: [...order, "-d", '{"quantity":"two"}', url],
    });
    expect(text(mocked.data.output)).toContain('{"id":1}');
    const rules = await client.ok("list_rules");
    expect(rules.data).toMatchObject({ rules: [{ name: "orders are taken", acted: 1 }] });

    await client.ok("remove_rules", { names: ["orders are taken"] });
    await client.ok("set_intercept", { filter: "~m POST & ~u /orders" });
    const waiting = client.ok("run_command", {
      command: "curl",
      args: [...order, "-d", '{"quantity":"two"}', url],
    });
    await expect.poll(async () => (await client.ok("list_held")).data.total, { timeout: 20_000 }).toBe(1);
    const [held] = list((await client.ok("list_held")).data.exchanges);
    const paused = await client.ok("show_held", { id: held?.id });
    expect(paused.data).toMatchObject({ phase: "request", body: { text: '{"quantity":"two"}' } });
    expect(paused.text).not.toContain("story-secret-1");
    await client.ok("edit_held", { id: held?.id, body: '{"quantity":3}' });
    await expect
      .poll(async () => (await client.ok("list_held")).data.exchanges, { timeout: 20_000 })
      .toMatchObject([{ phase: "response", status: 201 }]);
    await client.ok("set_intercept", { filter: null });
    await client.ok("resume_all_held");
    expect(text((await waiting).data.output)).toContain('{"id":4711}');

    const compared = await client.ok("compare_sessions", {
      before: "story",
      after: "mended",
      filter: "~m POST",
    });
    expect(compared.data).toMatchObject({
      counts: { changed: 1 },
      endpoints: [{ method: "POST", change: "changed" }],
    });

    const exported = await client.ok("export_har", { session: "story", output: "story.har" });
    expect(exported.data).toMatchObject({ entries: 4 });
    const har = await readFile(join(home, "story.har"), "utf8");
    expect(har).not.toContain("story-secret-1");
    const valid = await client.ok("validate_har", { file: "story.har", consumer: "chrome" });
    expect(valid.data).toMatchObject({ valid: true });

    await client.ok("stop_capture");
    await origin.close();
    const serving = await client.ok("start_serving", { from: ["story"], ignoreHost: true });
    expect(await get(`${text(serving.data.url)}/orders`)).toBe('{"orders":[]}');
    const status = await client.ok("serving_status");
    expect(status.data).toMatchObject({ servers: [{ hits: 1, misses: 0 }] });
    await client.ok("stop_serving");
    expect((await client.ok("capture_status")).data.total).toBe(0);
    expect((await client.ok("show_session", { session: "story" })).data).toMatchObject({
      state: "stopped",
      exchanges: 4,
    });
  });
});

function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => resolve(body));
      })
      .on("error", reject);
  });
}
