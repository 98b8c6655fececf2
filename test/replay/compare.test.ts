// Comparing two responses: status, headers, body by its type.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RawHeaders } from "../../src/exchange/headers.js";
import {
  type ComparedResponse,
  type CompareRules,
  compileComparison,
} from "../../src/replay/compare/responses.js";
import { compareLines } from "../../src/replay/compare/text.js";

const JSON_TYPE: RawHeaders = [["Content-Type", "application/json"]];

function response(body: string | Buffer, fields: Partial<ComparedResponse> = {}): ComparedResponse {
  const content = Buffer.from(body as string);
  return {
    status: 200,
    error: null,
    headers: JSON_TYPE,
    duration: 1,
    body: { content, sha256: content.toString("hex"), size: content.length },
    ...fields,
  };
}

function jsonDifferences(before: string, after: string, rules: CompareRules = {}) {
  const { body } = compileComparison(rules)(response(before), response(after));
  if (body === null) return [];
  if (body.kind !== "json") throw new Error(`compared as ${body.kind}`);
  return body.differences.map(({ pointer, change, before, after }) =>
    [change, pointer, before, after].filter((part) => part !== undefined).join(" "),
  );
}

describe("JSON", () => {
  test.each<[string, string, string, CompareRules, string[]]>([
    ["the same in another order and layout", '{"a":1,"b":[1]}', '{ "b": [1], "a": 1.0 }', {}, []],
    ["a value", '{"a":1}', '{"a":2}', {}, ["changed /a 1 2"]],
    ["a type", '{"a":1}', '{"a":"1"}', {}, ['changed /a 1 "1"']],
    ["null and absent are not the same", '{"a":null}', "{}", {}, ["removed /a null"]],
    ["added and removed", '{"a":1}', '{"b":2}', {}, ["removed /a 1", "added /b 2"]],
    ["items", "[1,2,3]", "[1,9]", {}, ["changed /1 2 9", "removed /2 3"]],
    [
      "names with slashes and tildes",
      '{"a/b":1,"~":1}',
      '{"a/b":2,"~":2}',
      {},
      ["changed /a~1b 1 2", "changed /~0 1 2"],
    ],
    [
      "a place that is ignored",
      '{"a":{"b":1},"c":1}',
      '{"a":{"b":2},"c":2}',
      { ignore: ["/a"] },
      ["changed /c 1 2"],
    ],
    [
      "any one step",
      '{"i":[{"id":1,"n":1}]}',
      '{"i":[{"id":2,"n":2}]}',
      { ignore: ["/i/*/id"] },
      ["changed /i/0/n 1 2"],
    ],
    ["what is ignored may be new", "{}", '{"at":1}', { ignore: ["/at"] }, []],
    [
      "lists as sets",
      '{"l":[1,2,{"a":1,"b":[1,2]}]}',
      '{"l":[{"b":[2,1],"a":1},2,1]}',
      { unordered: true },
      [],
    ],
    ["lists as sets count", "[1,1,2]", "[2,1,3]", { unordered: true }, ["removed /1 1", "added /2 3"]],
    [
      "ignored places within sets",
      '[{"id":1,"n":1},{"id":2,"n":2}]',
      '[{"id":8,"n":2},{"id":9,"n":1}]',
      { unordered: true, ignore: ["/*/id"] },
      [],
    ],
    [
      "digits beyond a double",
      '{"n":12345678901234567890}',
      '{"n":12345678901234567891}',
      {},
      ["changed /n 12345678901234567890 12345678901234567891"],
    ],
    [
      "a text of digits stays a text",
      '{"n":"12345678901234567890"}',
      '{"n":12345678901234567890}',
      {},
      ['changed /n "12345678901234567890" 12345678901234567890'],
    ],
    ["__proto__ is a name", '{"__proto__":1}', '{"__proto__":2}', {}, ["changed /__proto__ 1 2"]],
    ["toString is not inherited", "{}", '{"toString":1}', {}, ["added /toString 1"]],
  ])("%s", (_name, before, after, rules, expected) => {
    expect(jsonDifferences(before, after, rules)).toEqual(expected);
  });

  test("a document compared with itself, keys in any order, is the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, unordered) => {
        const text = JSON.stringify(value);
        expect(jsonDifferences(text, JSON.stringify(JSON.parse(text), null, 2), { unordered })).toEqual([]);
      }),
    );
  });

  test("two documents differ exactly when they are not equal", () => {
    const small = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, 1, 2, "a", ""),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("value"), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
    })).value;
    fc.assert(
      fc.property(small, small, (one, other) => {
        const isSame = jsonDifferences(JSON.stringify(one), JSON.stringify(other)).length === 0;
        expect(isSame).toBe(fc.stringify(sorted(one)) === fc.stringify(sorted(other)));
      }),
    );
  });

  test("hostile depth is compared as text, and many differences are counted", () => {
    const deep = "[".repeat(100_000);
    const { body } = compileComparison({})(response(`${deep}1`), response(`${deep}2`));
    expect(body).toMatchObject({ kind: "text" });
    const long = (value: number) => JSON.stringify(Array.from({ length: 250 }, () => value));
    const { body: counted } = compileComparison({})(response(long(1)), response(long(2)));
    expect(counted).toMatchObject({ kind: "json", further: 150 });
  });

  test("JSON without its type is JSON too", () => {
    const plain = { headers: [["Content-Type", "text/plain"]] } as const;
    const { same } = compileComparison({})(
      response('{"a":1,"b":2}', plain),
      response('{"b":2,"a":1}', plain),
    );
    expect(same).toBe(true);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { members: members.map(([name, each]) => [name, sorted(each)]) };
}

describe("text", () => {
  const lines = (before: string, after: string) => {
    const body = compareLines(before, after);
    return body?.kind === "text" ? body.lines.map(({ op, line, text }) => `${op}${line} ${text}`) : [];
  };

  test.each<[string, string, string, string[]]>([
    ["the same", "a\nb\n", "a\nb\n", []],
    ["line ends alone", "a\r\nb", "a\nb\n", []],
    ["a line in the middle", "a\nb\nc", "a\nx\nc", ["-2 b", "+2 x"]],
    ["put in", "a\nc", "a\nb\nc", ["+2 b"]],
    ["taken out at the end", "a\nb", "a", ["-2 b"]],
    ["from nothing", "", "a", ["+1 a"]],
    ["moved", "a\nb\nc\nd", "d\na\nb\nc", ["+1 d", "-4 d"]],
  ])("%s", (_name, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  test("the edits make the one text of the other", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const body = compareLines(before.join("\n"), after.join("\n"));
        const edits = body?.kind === "text" ? body.lines : [];
        const lines: string[] = before.filter(
          (_line, at) => !edits.some(({ op, line }) => op === "-" && line === at + 1),
        );
        const added = edits.filter(({ op }) => op === "+").sort((a, b) => a.line - b.line);
        for (const { line, text: inserted } of added) lines.splice(line - 1, 0, inserted);
        expect(lines).toEqual(after);
      }),
    );
  });

  test("texts with nothing in common end soon, and are bounded", () => {
    const many = (letter: string) => Array.from({ length: 20_000 }, (_, at) => `${letter}${at}`).join("\n");
    expect(compareLines(many("a"), many("b"))).toMatchObject({ kind: "text", further: 39_900 });
  });
});

describe("headers, status and the rest", () => {
  const headers = (before: RawHeaders, after: RawHeaders, ignoreHeaders: string[] = []) =>
    compileComparison({ ignoreHeaders })(response("", { headers: before }), response("", { headers: after }))
      .headers;

  test.each<[string, RawHeaders, RawHeaders, string[], string[]]>([
    [
      "the same in another order and case",
      [
        ["A", "1"],
        ["B", "2"],
      ],
      [
        ["b", "2"],
        ["a", "1"],
      ],
      [],
      [],
    ],
    ["a value", [["A", "1"]], [["A", "2"]], [], ["a"]],
    [
      "one more of a name",
      [["A", "1"]],
      [
        ["A", "1"],
        ["A", "1"],
      ],
      [],
      ["a"],
    ],
    [
      "the order of one name",
      [
        ["A", "1"],
        ["A", "2"],
      ],
      [
        ["A", "2"],
        ["A", "1"],
      ],
      [],
      ["a"],
    ],
    [
      "volatile ones",
      [
        ["Date", "x"],
        ["ETag", "1"],
        ["X-Request-Id", "1"],
      ],
      [
        ["Age", "3"],
        ["CF-Ray", "1"],
      ],
      [],
      [],
    ],
    [
      "those a person leaves out",
      [
        ["X-Build", "1"],
        ["X-B", "1"],
      ],
      [["X-Build", "2"]],
      ["x-bu*"],
      ["x-b"],
    ],
    ["a cookie's value", [["Set-Cookie", "a=1; Path=/"]], [["Set-Cookie", "a=2; Path=/; Max-Age=3"]], [], []],
    ["a cookie's attribute", [["Set-Cookie", "a=1; Secure"]], [["Set-Cookie", "a=1"]], [], ["set-cookie"]],
    ["another cookie", [["Set-Cookie", "a=1"]], [["Set-Cookie", "b=1"]], [], ["set-cookie"]],
  ])("%s", (_name, before, after, ignored, expected) => {
    expect(headers(before, after, ignored).map(({ name }) => name)).toEqual(expected);
  });

  test("status and error", () => {
    const result = compileComparison({})(
      response("", { status: 200 }),
      response("", { status: null, error: "connect-refused" }),
    );
    expect(result).toMatchObject({
      same: false,
      status: { before: 200, after: null },
      error: { before: null, after: "connect-refused" },
    });
  });

  test("binary bodies by their hash, large ones too, unknown ones by their size", () => {
    const png = { headers: [["Content-Type", "image/png"]] } as const;
    const compare = compileComparison({});
    expect(compare(response("a", png), response("b", png)).body).toMatchObject({ kind: "binary" });
    const large = (sha256: string | null, size = 5) =>
      response("", { body: { content: null, sha256, size } });
    expect(compare(large("x"), large("x")).same).toBe(true);
    expect(compare(large("x"), large("y")).body).toMatchObject({ kind: "binary" });
    expect(compare(large(null), large("y")).same).toBe(true);
    expect(compare(large(null, 4), large("y")).body).toMatchObject({ kind: "unknown" });
  });

  test("the duration is told, and is no difference", () => {
    const result = compileComparison({})(response("", { duration: 1 }), response("", { duration: 900 }));
    expect(result).toMatchObject({ same: true, duration: { before: 1, after: 900 } });
  });
});
