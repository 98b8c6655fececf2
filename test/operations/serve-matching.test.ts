// Which recorded exchange answers: by method and URL, then the closest, equal ones in turn; and what a miss is told.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { RecordedAs } from "../replay/support.js";
import { curl, get, servers, status } from "./serve-support.js";

const JSON_TYPE = [["Content-Type", "application/json"]] as const;
const { answering } = servers();

function post(url: string, body: unknown, response: string): RecordedAs {
  return { method: "POST", url, headers: JSON_TYPE, body: JSON.stringify(body), response };
}

const send = (body: unknown): string[] => [
  "-H",
  "Content-Type: application/json",
  "-d",
  JSON.stringify(body),
];

describe("method and URL", () => {
  const RECORDED: readonly RecordedAs[] = [
    { url: "https://api.test/users/1", response: "one" },
    { url: "https://api.test/search?q=a%20b&page=1&ts=99", response: "found" },
    { method: "DELETE", url: "https://api.test/users/1", status: 204 },
    { url: "http://other.test:8081/users/1", response: "other" },
    { url: "https://api.test/key?api_key=REDACTED-1&v=2", response: "redacted" },
    { url: "https://api.test/t/REDACTED-2/info", response: "redacted path" },
  ];

  test.each([
    ["https://api.test/users/1", "one"],
    ["http://other.test:8081/users/1", "other"],
    ["/users/1", "one"],
    ["https://api.test/search?ts=99&page=1&q=a+b", "found"],
    ["https://api.test/key?v=2&api_key=sk-live-4711", "redacted"],
    ["https://api.test/t/a-secret/info", "redacted path"],
  ])("%s", async (to, body) => {
    const server = await answering(RECORDED);
    expect(await get(server, to)).toBe(body);
    expect(server).toMatchObject({ hits: 1, missCount: 0 });
  });

  test.each([
    ["https://api.test/users/2", "GET https://api.test/users/1; the path differs"],
    ["https://api.test/search?q=a+b&page=2&ts=99", "the query differs: page=2 came, page=1 was recorded"],
    ["https://elsewhere.test/users/1", "the origin differs: https://elsewhere.test came"],
    ["http://api.test/users/1", "the origin differs: http://api.test came, https://api.test was recorded"],
    ["https://api.test/key?api_key=x&v=3", "the query differs: api_key=x&v=3 came"],
    ["https://none.test/nothing/like/that", "nothing recorded is like it"],
    ["https://other.test:9/nothing", "the path differs: /nothing came, /users/1 was recorded"],
  ])("a miss: %s", async (to, near) => {
    const server = await answering(RECORDED);
    const { stdout } = await curl(server, to, "-w", "\n%{http_code}");
    expect(stdout).toContain(near);
    expect(stdout).toMatch(/\n404$/);
    expect(server.misses).toMatchObject([{ method: "GET" }]);
  });

  test("the method counts", async () => {
    const server = await answering(RECORDED);
    expect(await status(server, "https://api.test/users/1", "-X", "DELETE")).toBe(204);
    expect(await get(server, "https://api.test/users/1", "-X", "PUT")).toContain(
      "the method differs: PUT came, GET was recorded",
    );
  });

  test("--ignore-query", async () => {
    const server = await answering(RECORDED, { ignoreQuery: ["ts", "nonce"] });
    expect(await get(server, "https://api.test/search?q=a%20b&page=1&nonce=x&ts=1")).toBe("found");
  });

  test("--ignore-host", async () => {
    const server = await answering(RECORDED, { ignoreHost: true });
    expect(await get(server, "http://elsewhere.test:1234/users/1")).toBe("one");
    expect(await get(server, "http://other.test/users/1")).toBe("other");
  });

  test("a server that is called by a recorded name answers as that", async () => {
    const server = await answering(RECORDED);
    expect(await get(server, "/users/1", "-H", "Host: other.test")).toBe("other");
    expect(await get(server, "/users/1", "-H", "Host: api.test")).toBe("one");
    // Any other name says nothing: what was recorded of either, in turn.
    const fresh = await answering(RECORDED);
    expect(await get(fresh, "/users/1", "-H", "Host: unknown.test")).toBe("one");
    expect(await get(fresh, "/users/1", "-H", "Host: unknown.test")).toBe("other");
  });
});

describe("the closest", () => {
  test("by body", async () => {
    const url = "https://api.test/chat";
    const server = await answering([
      post(url, { model: "m", messages: [{ role: "user", content: "Hello" }] }, "hello"),
      post(url, { model: "m", messages: [{ role: "user", content: "Weather?" }] }, "rain"),
    ]);
    const asks = (content: string, extra: object = {}): string[] =>
      send({ messages: [{ content, role: "user" }], model: "m", ...extra });
    expect(await get(server, "/chat", ...asks("Weather?"))).toBe("rain");
    expect(await get(server, "/chat", ...asks("Hello"))).toBe("hello");
    expect(await get(server, "/chat", ...asks("Weather?", { temperature: 1 }))).toBe("rain");
    expect(await get(server, "/chat", ...asks("Something else"))).not.toBe("");
  });

  test("by headers", async () => {
    const url = "https://api.test/page";
    const headers = (language: string) => [["Accept-Language", language]] as const;
    const server = await answering([
      { url, headers: headers("en"), response: "hello" },
      { url, headers: headers("de"), response: "hallo" },
    ]);
    expect(await get(server, "/page", "-H", "Accept-Language: de")).toBe("hallo");
    expect(await get(server, "/page", "-H", "Accept-Language: en")).toBe("hello");
  });

  test("a compressed body is compared by what it says", async () => {
    const url = "https://api.test/chat";
    const headers = [...JSON_TYPE, ["Content-Encoding", "gzip"]] as const;
    const server = await answering([
      post(url, { a: 1 }, "first"),
      { method: "POST", url, headers, body: gzipSync('{"a":2}'), response: "second" },
    ]);
    expect(await get(server, "/chat", ...send({ a: 2 }))).toBe("second");
  });

  test("a secret that was replaced matches any", async () => {
    const url = "https://api.test/login";
    const server = await answering(
      [
        post(url, { user: "ada", password: "REDACTED-1" }, "ada"),
        post(url, { user: "bob", password: "REDACTED-2" }, "bob"),
      ],
      { matchBody: true },
    );
    expect(await get(server, "/login", ...send({ user: "bob", password: "correct horse" }))).toBe("bob");
  });

  test("--match-body and --ignore-body", async () => {
    const url = "https://api.test/orders";
    const order = (id: string, count: number) => ({ id, items: [{ sku: "x", count, at: id }] });
    const server = await answering([post(url, order("a", 1), "one"), post(url, order("b", 2), "two")], {
      matchBody: true,
      ignoreBody: ["/id", "/items/*/at"],
    });
    expect(await get(server, "/orders", ...send(order("zzz", 2)))).toBe("two");
    const miss = await get(server, "/orders", ...send(order("zzz", 3)));
    expect(miss).toMatch(/the body differs at \/items\/0\/count: 3 came, [12] was recorded/);
    expect(server.misses).toHaveLength(1);
  });

  test("of a form", async () => {
    const url = "https://api.test/form";
    const type = [["Content-Type", "application/x-www-form-urlencoded"]] as const;
    const form = (body: string, response: string) => ({ method: "POST", url, headers: type, body, response });
    const server = await answering([form("a=1&b=x+y", "first"), form("a=2&b=x+y", "second")], {
      matchBody: true,
    });
    expect(await get(server, "/form", "-d", "b=x%20y&a=2")).toBe("second");
    expect(await get(server, "/form", "-d", "a=3&b=x")).toContain("the body");
  });
});

describe("equal requests", () => {
  const POLLED = ["queued", "running", "done"].map((response) => ({ url: "https://api.test/job", response }));

  test("get the recorded answers in turn, the last one repeats", async () => {
    const server = await answering(POLLED);
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await get(server, "https://api.test/job"));
    expect(answers).toEqual(["queued", "running", "done", "done", "done"]);
  });

  test("--once: a further one is a miss", async () => {
    const server = await answering(POLLED, { once: true, miss: "502" });
    for (let i = 0; i < 3; i++) expect(await status(server, "/job")).toBe(200);
    expect(await status(server, "/job")).toBe(502);
    expect(server.misses[0]?.nearest?.differs).toContain("it has answered already");
  });

  test("each client's own requests in their own turn", async () => {
    const url = "https://api.test/chat";
    const server = await answering([
      post(url, { to: "a" }, "a1"),
      post(url, { to: "b" }, "b1"),
      post(url, { to: "a" }, "a2"),
      post(url, { to: "b" }, "b2"),
    ]);
    const order = ["b", "b", "a", "b", "a"];
    const answers = [];
    for (const to of order) answers.push(await get(server, "/chat", ...send({ to })));
    expect(answers).toEqual(["b1", "b2", "a1", "b2", "a2"]);
  });

  test("at the same time each gets one", async () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ url: "https://api.test/n", response: `${at}` }));
    const server = await answering(many, { once: true });
    const answers = await Promise.all(many.map(() => get(server, "/n")));
    expect(new Set(answers).size).toBe(20);
  });
});
