// Every answer fits its budget; pages and ranges together give everything, once.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EMPTY_BODY } from "../../src/exchange/body.js";
import { createExchangeIds } from "../../src/exchange/id.js";
import { writeSession } from "../../src/operations/write-session.js";
import { httpExchange } from "../session/support.js";
import {
  type Called,
  errorOf,
  list,
  removeAll,
  stdioClient,
  type TestClient,
  tempHome,
  text,
} from "./support.js";

const BUDGETS = [4_000, 24_000] as const;
const EXCHANGES = 300;
/** Letters of one to four bytes, quotes and lines: what JSON makes longer, and what a cut may split. */
const BODY = `{"text":"${'é€😀\\"\\n'.repeat(4_000)}","end":true}`;
const LARGE = `line of a large text ✓\n`.repeat(250_000);
const folders: string[] = [];
let home: string;
const clients = new Map<number, TestClient>();

beforeAll(async () => {
  home = await tempHome();
  folders.push(home);
  const ids = createExchangeIds();
  const start = Date.parse("2026-11-20T10:00:00.000Z");
  await writeSession({ home, name: "many", options: {} }, async (writer) => {
    for (let at = 0; at < EXCHANGES; at++) {
      const base = httpExchange({ id: ids(start + at), startedAt: new Date(start + at).toISOString() });
      const long = at % 50 === 0 ? `?q=${"long".repeat(5_000)}` : "";
      const bytes = Buffer.from(at === 1 ? BODY : at === 2 ? LARGE : "small");
      const headers = [["Content-Type", at === 1 ? "application/json" : "text/plain"]] as [string, string][];
      if (at === 3) for (let n = 0; n < 500; n++) headers.push([`X-Field-${n}`, "v".repeat(500)]);
      await writer.exchange(
        {
          ...base,
          request: {
            ...base.request,
            url: `https://host${at % 40}.test/path/${at}${long}`,
            target: `/path/${at}${long}`,
          },
          response: { ...base.response!, headers, body: { ...EMPTY_BODY, size: bytes.length } },
        },
        { request: Buffer.alloc(0), response: bytes },
      );
    }
  });
  for (const budget of BUDGETS)
    clients.set(budget, await stdioClient(home, "--allow-exec", "--budget", String(budget)));
});

afterAll(async () => {
  for (const client of clients.values()) await client.close();
  await removeAll(folders);
});

describe.each(BUDGETS)("with a budget of %i characters", (budget) => {
  /** Follows the cursors to the end. */
  async function pages(name: string, args: Record<string, unknown>): Promise<Called[]> {
    const client = clients.get(budget)!;
    const all: Called[] = [];
    let cursor: unknown;
    do {
      const page = await client.ok(name, { ...args, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.size).toBeLessThanOrEqual(budget);
      all.push(page);
      cursor = page.data.nextCursor ?? undefined;
      if (cursor !== undefined) expect(page.text).toContain(text(cursor));
    } while (cursor !== undefined);
    return all;
  }

  test.each(["asc", "desc"])("pages of exchanges (%s) have each of them once", async (sort) => {
    const all = await pages("list_exchanges", { session: "many", sort, limit: 100 });
    const seqs = all.flatMap(({ data }) => list(data.exchanges).map(({ seq }) => Number(seq)));
    expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: EXCHANGES }, (_, at) => at + 1));
    expect(all.length).toBeGreaterThan(3);
  });

  test("pages of hits, hosts and operators have each of them once", async () => {
    const hits = (await pages("search_exchanges", { session: "many", pattern: "small", limit: 100 })).flatMap(
      ({ data }) => list(data.hits),
    );
    expect(new Set(hits.map(({ seq }) => seq)).size).toBe(EXCHANGES - 2);
    expect(hits).toHaveLength(EXCHANGES - 2);
    const hosts = (await pages("get_statistics", { session: "many", list: "hosts" })).flatMap(({ data }) =>
      list(data.rows),
    );
    expect(new Set(hosts.map(({ name }) => name)).size).toBe(40);
    const operators = (await pages("explain_filters", {})).flatMap(({ data }) => list(data.operators));
    expect(operators.length).toBeGreaterThan(40);
  });

  test("an exchange with a large body, a large head or a long URL fits, and says what is left", async () => {
    const client = clients.get(budget)!;
    for (const exchange of ["1", "2", "3", "4"]) {
      const called = await client.ok("get_exchange", { session: "many", exchange });
      expect(called.size, exchange).toBeLessThanOrEqual(budget);
    }
    const { data } = await client.ok("get_exchange", { session: "many", exchange: "2" });
    expect(data).toMatchObject({
      response: {
        body: {
          contentBytes: Buffer.byteLength(BODY),
          more: { tool: "read_exchange_part", part: "response_body" },
        },
      },
    });
    expect((await client.ok("get_exchange", { session: "many", exchange: "1" })).text).toMatch(
      /the first \d+ of \d+ characters/,
    );
  });

  test("ranges of a body together are the body", async () => {
    const client = clients.get(budget)!;
    let whole = "";
    for (let offset: unknown = 0; offset !== null; ) {
      const called = await client.ok("read_exchange_part", {
        session: "many",
        exchange: "2",
        part: "response_body",
        offset,
      });
      expect(called.size).toBeLessThanOrEqual(budget);
      expect(called.data.total).toBe(Buffer.byteLength(BODY));
      expect(called.data.offset).toBe(offset);
      whole += text(called.data.text);
      offset = called.data.nextOffset;
    }
    expect(whole).toBe(BODY);
  });

  test("a head that is too long to show is read by range", async () => {
    const client = clients.get(budget)!;
    const args = { session: "many", exchange: "4", part: "response_head" };
    const { data } = await client.ok("read_exchange_part", { ...args, offset: 200_000 });
    expect(data.total).toBeGreaterThan(250_000);
    expect(text(data.text)).toContain("X-Field-");
  });

  test("a body that is too large to be held is read by range", async () => {
    const client = clients.get(budget)!;
    const size = Buffer.byteLength(LARGE);
    const args = { session: "many", exchange: "3", part: "response_body", offset: size - 52 };
    const { data } = await client.ok("read_exchange_part", args);
    // The range begins inside of a character, which belongs to the one before.
    expect(data).toMatchObject({
      total: size,
      offset: size - 51,
      length: 51,
      nextOffset: null,
      text: LARGE.slice(-47),
    });
  });

  test("the output of a command is shown from its end, and read_result has all of it", async () => {
    const client = clients.get(budget)!;
    const script = "for (let n = 0; n < 3000; n++) console.log('line ' + n)";
    const called = await client.ok("run_command", { command: process.execPath, args: ["-e", script] });
    expect(called.size).toBeLessThanOrEqual(budget);
    expect(text(called.data.output).trimEnd().endsWith("line 2999")).toBe(true);
    const all = await pages("read_result", { result: text(called.data.result) });
    const lines = all.flatMap(({ data }) => (Array.isArray(data.rows) ? data.rows : []));
    expect(lines.slice(0, 3000)).toEqual(Array.from({ length: 3000 }, (_, n) => `line ${n}`));
  });

  test("resources fit as well", async () => {
    const client = clients.get(budget)!;
    for (const part of ["summary", "timeline", "findings"]) {
      const read = await client.client.readResource({ uri: `trafficctl://sessions/many/${part}` });
      expect(JSON.stringify(read).length, part).toBeLessThanOrEqual(budget);
    }
  });
});

test("a cursor belongs to its call", async () => {
  const client = clients.get(24_000)!;
  const { data } = await client.ok("list_exchanges", { session: "many", limit: 10 });
  const cursor = text(data.nextCursor);
  const other = errorOf(await client.call("list_exchanges", { session: "many", sort: "desc", cursor }));
  expect(other).toMatchObject({ code: "BAD_OPTION", message: expect.stringContaining("other arguments") });
  const tool = errorOf(await client.call("search_exchanges", { session: "many", pattern: "x", cursor }));
  expect(tool.code).toBe("BAD_OPTION");
  expect(errorOf(await client.call("list_exchanges", { cursor: "!!" })).code).toBe("BAD_OPTION");
  // The size of a page may change on the way.
  const next = await client.ok("list_exchanges", { session: "many", limit: 5, cursor });
  expect(list(next.data.exchanges).map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15]);
});

test("findings of a HAR come page by page", async () => {
  await mkdir(join(home, "hars"));
  const entries = Array.from({ length: 200 }, () => ({ startedDateTime: "not a date" }));
  await writeFile(
    join(home, "hars/bad.har"),
    JSON.stringify({ log: { version: "1.2", creator: {}, entries } }),
  );
  const client = clients.get(4_000)!;
  const first = await client.ok("validate_har", { file: "hars/bad.har" });
  expect(first.data).toMatchObject({ valid: false, total: 1000 });
  expect(first.size).toBeLessThanOrEqual(4_000);
  expect(first.data.nextCursor).toEqual(expect.any(String));
});
