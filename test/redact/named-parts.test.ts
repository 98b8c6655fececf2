// Parts of an exchange that are named are left out, and nothing else is touched.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namedPlaces } from "../../src/redact/named-json.js";
import { NamedParts, type PartNames } from "../../src/redact/named-parts.js";

const NOTHING: PartNames = { headers: [], query: [], form: [], json: [] };

function left(names: Partial<PartNames>, text: string, contentType = "application/json"): string | undefined {
  return new NamedParts([{ ...NOTHING, ...names }]).content(Buffer.from(text), contentType)?.toString();
}

describe("JSON pointers", () => {
  test.each<[string, readonly string[][], string, string]>([
    ["a member", [["a"]], '{"a":"x", "b" : 1.0}', '{"a":"REDACTED", "b" : 1.0}'],
    ["a number", [["a"]], '{"a":12345678901234567890}', '{"a":"REDACTED"}'],
    ["null", [["a"]], '{"a": null }', '{"a": "REDACTED" }'],
    ["an object as a whole", [["a"]], '{"a":{"b":[1,{"c":"]}"}]},"d":2}', '{"a":"REDACTED","d":2}'],
    ["a list's item", [["a", "1"]], '{"a":["x","y","z"]}', '{"a":["x","REDACTED","z"]}'],
    [
      "any item",
      [["a", "*", "p"]],
      '{"a":[{"p":1},{"q":2},{"p":"3"}]}',
      '{"a":[{"p":"REDACTED"},{"q":2},{"p":"REDACTED"}]}',
    ],
    [
      "any name",
      [["*", "p"]],
      '{"x":{"p":1},"y":{"p":2},"p":3}',
      '{"x":{"p":"REDACTED"},"y":{"p":"REDACTED"},"p":3}',
    ],
    ["every member of a name", [["a"]], '{"a":"one","a":"two"}', '{"a":"REDACTED","a":"REDACTED"}'],
    ["a name with escapes", [["pässword"]], '{"p\\u00e4ssword":"x"}', '{"p\\u00e4ssword":"REDACTED"}'],
    ["the whole document", [[]], ' {"a":1} ', ' "REDACTED" '],
    ["one within another", [["a"], ["a", "b"]], '{"a":{"b":1}}', '{"a":"REDACTED"}'],
    ["nothing there", [["c", "d"]], '{"a":{"d":1},"c":[]}', '{"a":{"d":1},"c":[]}'],
    ["a quote in a string", [["b"]], '{"a":"\\"b\\":1","b":"x\\"y"}', '{"a":"\\"b\\":1","b":"REDACTED"}'],
    ["a byte order mark", [["a"]], '\ufeff{"a":1}', '\ufeff{"a":"REDACTED"}'],
    ["a guard against scripts", [["a"]], ')]}\'\n{"a":1}', ')]}\'\n{"a":"REDACTED"}'],
    ["__proto__", [["__proto__"]], '{"__proto__":1,"a":2}', '{"__proto__":"REDACTED","a":2}'],
  ])("%s", (_name, json, before, after) => {
    expect(left({ json }, before)).toBe(after);
  });

  test("what is no JSON and may hold the value is left out as a whole; what can't, stays", () => {
    expect(left({ json: [["password"]] }, '{"password": "cut o')).toBeUndefined();
    expect(left({ json: [["password"]] }, '{"name": "cut o')).toBe('{"name": "cut o');
    expect(left({ json: [["password"]] }, "<p>Your password</p>", "text/html")).toBe("<p>Your password</p>");
    expect(left({ json: [["*"]] }, '{"cut')).toBeUndefined();
  });

  test("as deep as a document may be", () => {
    const depth = 100_000;
    const text = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    expect(namedPlaces(text, [["a", "b"]])).toEqual([]);
    expect(namedPlaces(text, [["a", "a", "a"]])).toEqual([{ start: 15, end: text.length - 3 }]);
  });

  test("agrees with a walk through the parsed document", () => {
    const names = fc.constantFrom("a", "b", "*", "0", "1", "");
    const document = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(1, "x", null, true, 'q"{[', -0.5e7),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "0", "", "*"), tie("value"), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(
        document,
        fc.array(fc.array(names, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(0, 2),
        (value, pointers, indent) => {
          const text = JSON.stringify(value, null, indent);
          const after = left({ json: pointers }, text);
          expect(JSON.parse(after ?? "")).toEqual(replaced(value, pointers));
        },
      ),
    );
  });
});

function replaced(value: unknown, pointers: readonly (readonly string[])[]): unknown {
  if (pointers.some(({ length }) => length === 0)) return "REDACTED";
  const below = (name: string) =>
    pointers.filter(([first]) => first === name || first === "*").map((steps) => steps.slice(1));
  if (Array.isArray(value)) return value.map((each, index) => replaced(each, below(String(index))));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, below(name))]));
}

describe("streams of documents", () => {
  const json = [["token"]];

  test("events: other lines stay as they are", () => {
    const before =
      ': hi\nevent: a\ndata:{"token":"x","n":1}\nid: 1\n\ndata: {"n":\r\ndata: 2}\r\n\r\ndata: [DONE]\n\ndata: {"token":\n';
    const after =
      ': hi\nevent: a\ndata: {"token":"REDACTED","n":1}\nid: 1\n\ndata: {"n":\r\ndata: 2}\r\n\r\ndata: [DONE]\n\ndata: REDACTED\n';
    expect(left({ json }, before, "text/event-stream")).toBe(after);
  });

  test("an event whose data has several lines becomes one line where it changes", () => {
    const before = 'data: {"a":1,\nid: 7\ndata: "token":"x"}\n\ndata: 2\n\n';
    expect(left({ json }, before, "text/event-stream")).toBe(
      'data: {"a":1, "token":"REDACTED"}\nid: 7\n\ndata: 2\n\n',
    );
  });

  test("a document a line", () => {
    const before = '{"token":"x"}\r\n\n{"n":1}\n\x1e{"token":2}\n{"token": "cut';
    const after = '{"token":"REDACTED"}\r\n\n{"n":1}\n\x1e{"token":"REDACTED"}\nREDACTED';
    expect(left({ json }, before, "application/x-ndjson")).toBe(after);
  });
});

describe("forms", () => {
  test("by their names, in any case, with a star", () => {
    const type = "application/x-www-form-urlencoded";
    expect(left({ form: ["pass*", "pin"] }, "a=1&Password=x%20y&pin=&pin=12&b=&c", type)).toBe(
      "a=1&Password=REDACTED&pin=&pin=REDACTED&b=&c",
    );
  });

  test("with parts, bytes beside them as they are", () => {
    const part = (name: string, value: string) =>
      `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body = (pin: string) =>
      Buffer.from(`${part("file", "\xff\x00\xfe")}${part("pin", pin)}--B--\r\n`, "latin1");
    const parts = new NamedParts([{ ...NOTHING, form: ["pin"] }]);
    expect(parts.content(body("s3cret"), "multipart/form-data; boundary=B")).toEqual(body("REDACTED"));
  });
});

test("text in another charset stays in it", () => {
  const parts = new NamedParts([{ ...NOTHING, json: [["p"]] }]);
  const before = Buffer.from('\ufeff{"p":"ä","q":"ö"}', "utf16le");
  expect(parts.content(before, "application/json")).toEqual(
    Buffer.from('\ufeff{"p":"REDACTED","q":"ö"}', "utf16le"),
  );
  const latin1 = Buffer.from('{"p":"ä","q":"ö"}', "latin1");
  expect(parts.content(latin1, "application/json; charset=iso-8859-1")).toEqual(
    Buffer.from('{"p":"REDACTED","q":"ö"}', "latin1"),
  );
});

test("what was left out is known wherever else it stands, in whatever form", () => {
  const parts = new NamedParts([{ ...NOTHING, json: [["password"]] }]);
  parts.content(Buffer.from('{"password":"corr3ct/horse+battery"}'), "application/json");
  const { known } = parts;
  expect(known.replacedIn("say corr3ct/horse+battery!")).toBe("say REDACTED!");
  expect(known.replacedIn("p=corr3ct%2Fhorse%2Bbattery")).toBe("p=REDACTED");
  const basic = Buffer.from("user:corr3ct/horse+battery").toString("base64");
  expect(known.replacedIn(basic)).not.toContain(Buffer.from("horse+battery").toString("base64").slice(2, 12));
  const bytes = Buffer.concat([Buffer.from([0, 255]), Buffer.from("corr3ct/horse+battery")]);
  expect(known.replacedInBytes(bytes).includes("horse")).toBe(false);
  const other = Buffer.from("nothing of it");
  expect(known.replacedInBytes(other)).toBe(other);
});
