// Two recordings of an API beside each other.
import { describe, expect, test } from "vitest";
import { type Diff, type DiffInput, diff, parseFailOn } from "../../src/operations/diff.js";
import { type RecordedAs, recordedSession } from "../replay/support.js";
import { tempFolder } from "../session/support.js";

const JSON_TYPE = [["Content-Type", "application/json; charset=utf-8"]] as const;

function answer(path: string, body: unknown, fields: Partial<RecordedAs> = {}): RecordedAs {
  const url = path.startsWith("http") ? path : `https://api.test${path}`;
  return { url, responseHeaders: JSON_TYPE, response: JSON.stringify(body), ...fields };
}

async function compared(
  before: RecordedAs[],
  after: RecordedAs[],
  options: Partial<DiffInput> = {},
): Promise<Diff> {
  const home = tempFolder();
  await recordedSession(home, "before", before);
  await recordedSession(home, "after", after);
  return await diff({ home, before: "before", after: "after", ...options });
}

const changes = ({ endpoints }: Diff): string[] =>
  endpoints.map(({ change, method, endpoint }) => `${change} ${method} ${endpoint}`);

describe("endpoints", () => {
  test("are matched with ids folded, whatever their query and number", async () => {
    const result = await compared(
      [answer("/users/1", { id: 1 }), answer("/users/2?x=1", { id: 2 }), answer("/old", 1)],
      [answer("/users/77", { id: 3 }), answer("/new", 1), answer("/users/1", {}, { method: "PUT" })],
    );
    expect(changes(result)).toEqual([
      "new GET https://api.test/new",
      "gone GET https://api.test/old",
      "same GET https://api.test/users/{id}",
      "new PUT https://api.test/users/{id}",
    ]);
    expect(result.endpoints[2]).toMatchObject({
      before: { exchanges: 2, statuses: { "200": 2 } },
      after: { exchanges: 1 },
    });
    expect(result.before).toMatchObject({ sessions: ["before"], exchanges: 3, endpoints: 2 });
  });

  test("of different hosts are the same on request", async () => {
    const sides = [[answer("http://localhost:3000/a", 1)], [answer("https://api.test/a", 1)]] as const;
    expect(changes(await compared([...sides[0]], [...sides[1]]))).toHaveLength(2);
    const result = await compared([...sides[0]], [...sides[1]], { ignoreHost: true });
    expect(changes(result)).toEqual(["same GET /a"]);
  });

  test("are those that the filter chooses, on both sides", async () => {
    const before = [answer("/a", 1), answer("/b", 1, { method: "POST" })];
    const result = await compared(before, before, { filter: "~m POST" });
    expect(changes(result)).toEqual(["same POST https://api.test/b"]);
    await expect(compared(before, before, { filter: "~m PUT" })).rejects.toMatchObject({
      code: "EXCHANGE_NOT_FOUND",
    });
  });
});

describe("statuses and shapes", () => {
  test("new and gone statuses, failures by their code", async () => {
    const result = await compared(
      [answer("/a", 1), answer("/a", 1, { status: 404 })],
      [answer("/a", 1), answer("/a", 1, { status: null })],
    );
    expect(result.endpoints[0]).toMatchObject({
      change: "changed",
      statuses: { new: ["connect-refused"], gone: ["404"] },
    });
  });

  test("shapes merged over exchanges, of each status apart", async () => {
    const result = await compared(
      [
        answer("/a", { id: 1 }),
        answer("/a", { id: 2, name: "x" }),
        answer("/a", { error: 1 }, { status: 400 }),
      ],
      [answer("/a", { id: "3", at: 1 }), answer("/a", { error: 2 }, { status: 400 })],
    );
    expect(result.endpoints[0]!.shapes).toEqual([
      {
        status: "200",
        differences: [
          { pointer: "/id", change: "type-changed", before: "number", after: "string" },
          { pointer: "/name", change: "field-removed", before: "string" },
          { pointer: "/at", change: "field-added", after: "number" },
        ],
        further: 0,
      },
    ]);
  });

  test("JSON that can't be looked into is counted", async () => {
    const broken: RecordedAs = { url: "https://api.test/a", responseHeaders: JSON_TYPE, response: "{" };
    const result = await compared([broken, answer("/a", { a: 1 })], [answer("/a", { a: 1 })]);
    expect(result.before.unseenBodies).toBe(1);
    expect(result.endpoints[0]).toMatchObject({ change: "same", shapes: [] });
  });
});

describe("--fail-on", () => {
  const before = [
    answer("/a", { x: 1 }, { duration: 10 }),
    answer("/gone", 1),
    answer("/s", 1, { duration: 10 }),
  ];
  const after = [answer("/a", { x: "1" }, { status: 200, duration: 10 }), answer("/s", 1, { duration: 13 })];

  test.each<[string, string[]]>([
    ["endpoints", ["endpoints https://api.test/gone"]],
    ["status", []],
    ["shape", ["shape https://api.test/a"]],
    ["slower=20%", ["slower https://api.test/s"]],
    ["slower=50%", []],
    ["shape,endpoints", ["shape https://api.test/a", "endpoints https://api.test/gone"]],
  ])("%s", async (text, expected) => {
    const { failures } = await compared(before, after, { failOn: parseFailOn(text) });
    expect(failures.map(({ kind, endpoint }) => `${kind} ${endpoint}`)).toEqual(expected);
  });

  test("what is no part of a diff is wrong usage", () => {
    expect(() => parseFailOn("headers")).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
    expect(parseFailOn("slower=12.5")).toMatchObject({ slower: 0.125 });
  });
});
