// A search that gives no secret away: what it finds, what it only counts, and that placeholders are found.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EMPTY_BODY } from "../../src/exchange/body.js";
import type { Selected } from "../../src/operations/query.js";
import { Redaction } from "../../src/operations/redaction.js";
import { type SearchHit, type SearchInput, search } from "../../src/operations/search.js";
import { writeSession } from "../../src/operations/write-session.js";
import { httpExchange, newId, webSocketExchange, webSocketMessage } from "../session/support.js";

const SECRET = "correct-horse-battery-77";
const LARGE = JSON.stringify({
  padding: "lorem ipsum, ".repeat(250_000),
  password: SECRET,
  note: `the needle and ${SECRET}`,
});
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "search-redacted-"));
  await writeSession({ home, name: "s", options: {} }, async (writer) => {
    const base = httpExchange({ id: newId(), seq: 1 });
    const url = `https://api.test/login?password=${SECRET}`;
    const headers = [
      ["Authorization", `Bearer ${SECRET}`],
      ["X-Note", "needle"],
      ["X-Note", "needle again"],
    ] as const;
    const json = [["Content-Type", "application/json"]] as const;
    await writer.exchange(
      {
        ...base,
        request: { ...base.request, url, target: "/login", headers },
        response: { ...base.response!, headers: json, body: { ...EMPTY_BODY, size: LARGE.length } },
      },
      { request: Buffer.alloc(0), response: Buffer.from(LARGE) },
    );
    const socket = webSocketExchange({ id: newId(), seq: 2, messageCount: 1 });
    const message = `{"password":"${SECRET}","say":"needle ü"}`;
    const empty = { kind: "empty", size: Buffer.byteLength(message) } as const;
    await writer.message({ ...webSocketMessage(socket.id, 1, empty), opcode: 1 }, Buffer.from(message));
    await writer.exchange(socket, { request: Buffer.alloc(0), response: Buffer.alloc(0) });
  });
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function found(input: Omit<SearchInput, "home" | "words">): Promise<SearchHit[]> {
  const redaction = new Redaction();
  const redact = async (selected: Selected): Promise<Redaction> => {
    redaction.learnExchange(await selected.exchange());
    return redaction;
  };
  const hits: SearchHit[] = [];
  for await (const hit of search({ home, words: ["s"], redact, snippets: 20, ...input })) hits.push(hit);
  expect(JSON.stringify(hits)).not.toMatch(/horse|battery/);
  return hits;
}

test("shows what stands around a match, without the secrets there, however far it is into a body", async () => {
  const [login, socket] = await found({ pattern: "needle" });
  expect(login).toMatchObject({ matches: 3, facts: { url: "https://api.test/login?password=REDACTED-1" } });
  expect(login?.snippets.map(({ place, text, start, end }) => [place, text.slice(start, end)])).toEqual([
    ["headers", "needle"],
    ["headers", "needle"],
    ["response", "needle"],
  ]);
  expect(login?.snippets[1]?.text).toBe("X-Note: needle again");
  expect(login?.snippets[2]?.text).toContain("the needle and REDACTED-1");
  expect(socket?.snippets).toMatchObject([
    { place: "websocket", detail: "1", text: expect.stringContaining("needle ü") },
  ]);
});

test("counts matches inside of secrets, and shows none", async () => {
  const [login, socket] = await found({ pattern: "horse" });
  expect(login).toMatchObject({
    matches: 4,
    snippets: [
      { place: "url", text: "", hidden: 1 },
      { place: "headers", detail: "Authorization", text: "", hidden: 1 },
      { place: "response", text: "", hidden: 2 },
    ],
  });
  expect(socket).toMatchObject({ matches: 1, snippets: [{ place: "websocket", hidden: 1 }] });
});

test("tells matches inside of secrets from those beside them, in one place", async () => {
  const [login] = await found({ pattern: "needle|horse", regex: true, places: ["response"] });
  expect(login?.snippets.map(({ text, hidden }) => hidden ?? text)).toEqual([
    expect.stringContaining("the needle and REDACTED-1"),
    2,
  ]);
});

test("finds where a placeholder stands, by text and by expression", async () => {
  const all = await found({ pattern: "REDACTED-1" });
  expect(all.map(({ snippets }) => snippets.map(({ place }) => place))).toEqual([
    ["url", "headers", "response", "response"],
    ["websocket"],
  ]);
  expect(await found({ pattern: "Bearer REDACTED-\\d", regex: true })).toMatchObject([
    { matches: 1, snippets: [{ text: "Authorization: Bearer REDACTED-1" }] },
  ]);
  expect(await found({ pattern: "REDACTED-99" })).toEqual([]);
});
