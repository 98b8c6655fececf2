// Fixtures of a session: redacted, readable, the same bytes again, a file or a folder, expectations of MockServer.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readFixtures } from "../../src/operations/fixtures/read-fixtures.js";
import { makeFixtures } from "../../src/operations/fixtures.js";
import { recordedSession } from "../replay/support.js";
import { MADE, makeSession } from "../support/made-session.js";
import { get, servers } from "./serve-support.js";

const { started } = servers();
let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-fixtures-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const JSON_TYPE = ["Content-Type", "application/json"] as const;

async function secretSession(): Promise<void> {
  const token = "sk-ant-api03-4711abcdefghijklmnopqrstuvwxyz0123456789";
  await recordedSession(home, "secret", [
    {
      method: "POST",
      url: "https://api.test/v1/messages?api_key=sk-4711-4711-4711-4711",
      headers: [["Host", "api.test"], ["Authorization", `Bearer ${token}`], ["User-Agent", "x"], JSON_TYPE],
      body: JSON.stringify({ model: "m", password: "correct horse", text: "hello" }),
      responseHeaders: [JSON_TYPE, ["Set-Cookie", "sid=0123456789abcdef0123456789abcdef; Path=/"]],
      response: JSON.stringify({ ok: true, list: [1, 2], echo: token }),
    },
    { url: "https://api.test/v1/messages/batches", response: "batches" },
    { url: "https://api.test/v1/models", response: "models" },
    { url: "https://api.test/v1/refused", status: null },
  ]);
}

describe("a file", () => {
  test("is redacted, readable, and serves", async () => {
    await secretSession();
    const output = join(home, "f.json");
    const report = await makeFixtures({ home, words: ["secret"], output, paths: ["/v1/messages"] });
    expect(report).toMatchObject({ path: output, exchanges: 2, unanswered: 0 });
    const text = await readFile(output, "utf8");
    expect(text).not.toMatch(/4711|correct horse|0123456789abcdef/);
    expect(JSON.parse(text)).toMatchObject({
      format: "trafficctl-fixtures",
      version: 1,
      exchanges: [
        {
          request: {
            method: "POST",
            url: expect.stringMatching(/^https:\/\/api\.test\/v1\/messages\?api_key=REDACTED-\d+$/),
            headers: [
              expect.stringMatching(/^Authorization: Bearer REDACTED-\d+$/),
              "Content-Type: application/json",
            ],
            body: { json: { model: "m", password: expect.stringMatching(/^REDACTED-\d+$/), text: "hello" } },
          },
          response: { status: 200, body: { json: { ok: true, list: [1, 2] } } },
        },
        { request: { url: "https://api.test/v1/messages/batches" }, response: { body: { text: "batches" } } },
      ],
    });
    const server = await started({ from: output, home, matchBody: true });
    const body = JSON.stringify({ model: "m", password: "another", text: "hello" });
    const answer = await get(
      server,
      "https://api.test/v1/messages?api_key=live",
      ...["-H", "Authorization: Bearer live", "-H", "Content-Type: application/json", "-d", body],
    );
    expect(JSON.parse(answer)).toMatchObject({ ok: true, list: [1, 2] });
  });

  test("the same input gives the same bytes", async () => {
    await makeSession(home, "made");
    const [one, other] = [join(home, "1.json"), join(home, "2.json")];
    for (const output of [one, other]) await makeFixtures({ home, words: ["made"], output });
    expect(await readFile(one, "utf8")).toBe(await readFile(other, "utf8"));
  });

  test("holds what was recorded, of every kind", async () => {
    await makeSession(home, "made");
    const output = join(home, "made.json");
    const report = await makeFixtures({ home, words: ["made"], output, redact: "off" });
    expect(report).toMatchObject({ exchanges: 6, unanswered: 1, incompleteBodies: 0, redaction: null });
    const fixtures = await readFixtures(output);
    expect(fixtures[1]?.response.body).toEqual({ text: MADE[1]?.body });
    expect(fixtures[2]?.request.body).toEqual({ text: "name=Grace+Hopper&role=admin" });
    expect(fixtures[5]?.webSocket).toEqual({
      messages: [
        expect.objectContaining({ from: "client", json: { op: "hello" } }),
        expect.objectContaining({ from: "server", text: "pong" }),
        expect.objectContaining({ from: "client", text: "bye" }),
      ],
      close: { by: "server", code: 1000, reason: "done" },
    });
    const server = await started({ from: output, home });
    for (const { url, method = "GET", body } of MADE.slice(0, 4))
      expect(await get(server, url, "-X", method)).toBe(body);
    const blob = await get(
      server,
      "https://files.test/blob.bin",
      "-o",
      join(home, "blob"),
      "-w",
      "%{size_download}",
    );
    expect(blob).toBe("70000");
    expect(await readFile(join(home, "blob"))).toEqual(MADE[4]?.body);
  });
});

describe("a folder", () => {
  test("has a file for each, and none of an earlier run", async () => {
    await secretSession();
    const output = join(home, "fixtures");
    await makeFixtures({ home, words: ["secret"], output });
    const first = await readdir(output);
    expect(first.sort()).toEqual([
      "0001-POST-api.test-v1-messages.json",
      "0002-GET-api.test-v1-messages-batches.json",
      "0003-GET-api.test-v1-models.json",
    ]);
    await writeFile(join(output, "README.md"), "mine");
    await makeFixtures({ home, words: ["secret"], output, paths: ["/v1/models"] });
    expect((await readdir(output)).sort()).toEqual(["0001-GET-api.test-v1-models.json", "README.md"]);
    const server = await started({ from: output, home });
    expect(await get(server, "/v1/models")).toBe("models");
  });
});

test("MockServer's expectations: those of one request are used up in their order", async () => {
  await recordedSession(home, "polled", [
    { url: "https://api.test/job?id=1", response: "queued" },
    { url: "https://api.test/job?id=1", response: "done" },
    { method: "POST", url: "https://api.test/x", headers: [JSON_TYPE], body: '{"a":1}', response: "1" },
    { method: "POST", url: "https://api.test/x", headers: [JSON_TYPE], body: '{"a":2}', response: "2" },
  ]);
  const output = join(home, "expectations.json");
  await makeFixtures({ home, words: ["polled"], output, format: "mockserver" });
  const job = { method: "GET", path: "/job", queryStringParameters: { id: ["1"] } };
  expect(JSON.parse(await readFile(output, "utf8"))).toMatchObject([
    { httpRequest: job, httpResponse: { statusCode: 200, body: "queued" }, times: { remainingTimes: 1 } },
    { httpRequest: job, httpResponse: { body: "done" }, times: { unlimited: true } },
    { httpRequest: { body: { type: "JSON", json: { a: 1 } } }, httpResponse: { body: "1" } },
    { httpRequest: { body: { type: "JSON", json: { a: 2 } } }, httpResponse: { body: "2" } },
  ]);
});

describe("what is no fixtures file is told of", () => {
  test.each([
    ["{", "is not JSON"],
    ["{}", 'its "format" is not'],
    ['{"log":{}}', "looks like a HAR"],
    ['{"format":"trafficctl-fixtures","version":9,"exchanges":[]}', "has version 9"],
    [
      '{"format":"trafficctl-fixtures","version":1,"exchanges":[{"request":{"method":"GET","url":"/x"},"response":{"status":200}}]}',
      "exchanges.0.request.url",
    ],
  ])("%s", async (text, message) => {
    const path = join(home, "bad.json");
    await writeFile(path, text);
    await expect(started({ from: path, home })).rejects.toThrow(
      expect.objectContaining({ code: "FIXTURES_INVALID", message: expect.stringContaining(message) }),
    );
  });

  test("nor one that is not there", async () => {
    await expect(started({ from: join(home, "none.json"), home })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await expect(started({ from: "nothing", home })).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
  });
});
