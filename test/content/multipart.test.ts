// Multipart bodies: as curl and browsers write them, and as nobody should.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMultipart } from "../../src/content/multipart.js";

const TYPE = "multipart/form-data; boundary=XX";
const parse = (text: string, type = TYPE) => {
  const bytes = Buffer.from(text);
  const { parts, problem } = parseMultipart(bytes, type);
  return {
    parts: parts.map((part) => ({ ...part, content: bytes.toString("utf8", part.start, part.end) })),
    problem,
  };
};

describe("parseMultipart", () => {
  test("fields and files", () => {
    const { parts, problem } = parse(
      '--XX\r\nContent-Disposition: form-data; name="té"\r\n\r\nva\r\nlue\r\n' +
        '--XX\r\ncontent-disposition: form-data; name=f; filename="a%22\\\\b.txt"\r\nContent-Type: text/plain\r\n\r\n\r\n' +
        "--XX--\r\nepilogue",
    );
    expect(problem).toBeUndefined();
    expect(parts).toMatchObject([
      { name: "té", contentType: "", content: "va\r\nlue" },
      { name: "f", filename: 'a"\\b.txt', contentType: "text/plain", content: "" },
    ]);
  });

  test.each<[name: string, body: string, contents: string[], problem: RegExp | undefined]>([
    ["line feeds alone", "--XX\nA: b\n\none\n--XX\n\ntwo\n--XX--", ["one", "two"], undefined],
    ["preamble", "pre --XX\r\n--XX\r\n\r\none\r\n--XX--", ["one"], undefined],
    ["space after the boundary", "--XX \t\r\n\r\none\r\n--XX-- ", ["one"], undefined],
    [
      "a longer word with it",
      "--XX\r\n\r\none\r\n--XXY\r\ntwo\r\n--XX--",
      ["one\r\n--XXY\r\ntwo"],
      undefined,
    ],
    ["cut off in a part", "--XX\r\nA: b\r\n\r\non", ["on"], /final boundary is missing/],
    ["cut off in a head", "--XX\r\nA: b\r\n", [""], /final boundary is missing/],
    ["no head", "--XX\r\njust text\r\n--XX--", ["just text"], undefined],
    ["only the end", "--XX--\r\n", [], undefined],
    ["another boundary", "--YY\r\n\r\none\r\n--YY--", [], /does not occur/],
    ["an empty part", "--XX\r\n--XX--", [""], undefined],
  ])("%s", (_name, body, contents, expected) => {
    const { parts, problem } = parse(body);
    expect(parts.map(({ content }) => content)).toEqual(contents);
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(expected);
  });

  test("no boundary", () => {
    expect(parse("--XX", "multipart/mixed").problem).toMatch(/names no boundary/);
  });

  test("an extended file name wins", () => {
    const { parts } = parse(
      "--XX\r\nContent-Disposition: attachment; filename=x; filename*=UTF-8''na%C3%AFve.txt\r\n\r\n\r\n--XX--",
    );
    expect(parts[0]?.filename).toBe("naïve.txt");
  });

  test("what FormData writes comes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.uint8Array())),
        async (fields) => {
          const form = new FormData();
          for (const [name, data] of fields) form.append(name, new Blob([data]), `${name}.bin`);
          const response = new Response(form);
          const type = response.headers.get("content-type")!;
          const bytes = Buffer.from(await response.arrayBuffer());
          const { parts, problem } = parseMultipart(bytes, type);
          if (fields.length > 0) expect(problem).toBeUndefined();
          expect(parts.map((part) => bytes.subarray(part.start, part.end).toString("hex"))).toEqual(
            fields.map(([, data]) => Buffer.from(data).toString("hex")),
          );
          // FormData makes CRLF of every line end in a name.
          expect(parts.map(({ name }) => name)).toEqual(
            fields.map(([name]) => name.replace(/\r\n?|\n/g, "\r\n")),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test("never throws, and ranges stay inside, whatever comes", () => {
    const bit = fc.constantFrom("--XX", "\r\n", "\n", "--", "a: b", "x", " ");
    fc.assert(
      fc.property(fc.array(bit), (bits) => {
        const bytes = Buffer.from(bits.join(""));
        let last = 0;
        for (const { start, end } of parseMultipart(bytes, TYPE).parts) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThanOrEqual(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});
