import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mistake } from "../../src/filter/mistake.js";
import { compileTemplate, type TemplateMode } from "../../src/rules/template.js";
import type { Values } from "../../src/rules/values.js";
import { surroundings } from "./support.js";

function values(fields: Partial<Values> = {}): Values {
  const counts = new Map<string, number>();
  return {
    method: "POST",
    url: "https://api.example.com/a%20b?id=42&q=a%22b&q=second",
    headers: [
      ["X-A", "1"],
      ["x-a", "2"],
    ],
    text: '{"user":{"name":"O\\"Neil","tags":["x","y"]},"n":7,"a.b":1}',
    now: new Date("2026-11-20T10:15:30.123Z"),
    chance: surroundings().chance,
    count(name) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts.get(name)!;
    },
    ...fields,
  };
}

const render = (text: string, mode: TemplateMode = "plain", fields: Partial<Values> = {}): string =>
  compileTemplate(text, mode).render(values(fields));

describe("templates", () => {
  test.each([
    ["{{request.json.big}} {{request.json.one}}", "12345678901234567890 1.0"],
    ["{{request.json.big | json}}", "12345678901234567890"],
    ["{{request.json}}", '\ufeff{"big":12345678901234567890, "one":1.0, "twice":1, "twice":2}'.slice(1)],
    ["{{request.json.twice}}", "2"],
  ])("numbers stay as they were sent: %s", (text, expected) => {
    const sent = '\ufeff{"big":12345678901234567890, "one":1.0, "twice":1, "twice":2}';
    expect(render(text, "plain", { text: sent })).toBe(expected);
  });

  test.each([
    ["\xc3\xa9\xe6\x97\xa5", "é日"],
    ["caf\xe9", "café"],
  ])("what a header field has in bytes is a text: %j", (value, expected) => {
    expect(render("{{request.headers.x-n}}", "plain", { headers: [["X-N", value]] })).toBe(expected);
  });

  test.each([
    ["no values", "no values"],
    ["{{request.method}} {{ request.path }}", "POST /a%20b"],
    ["{{request.host}}", "api.example.com"],
    ["{{request.url}}", "https://api.example.com/a%20b?id=42&q=a%22b&q=second"],
    ["{{request.query.id}}/{{request.query.q}}/{{request.query.none}}", '42/a"b/'],
    ["{{request.headers.X-a}}", "1, 2"],
    ["{{request.headers.none|default:nothing}}", "nothing"],
    ['{{request.headers.none | default:"a | b" | upper}}', "A | B"],
    ["{{request.json.user.name}}", 'O"Neil'],
    ["{{request.json/user/tags/1}}", "y"],
    ["{{request.json.user.tags.0}}", "x"],
    ["{{request.json/a.b}}", "1"],
    ["{{request.json.user.tags}}", '["x","y"]'],
    ["{{request.json.none.none}}", ""],
    ["{{counter}}{{counter}}{{counter.x}}", "121"],
    ["{{now}}", "2026-11-20T10:15:30.123Z"],
    ["{{now.ms}} {{now.unix}}", "1795169730123 1795169730"],
    ["{{now.http}}", "Fri, 20 Nov 2026 10:15:30 GMT"],
    ["{{now.date}} {{now.time}}", "2026-11-20 10:15:30"],
    ["{{uuid}}", "00000000-0000-4000-8000-000000000000"],
    ["{{random.5.9}}", "5"],
    ["{{request.query.q | url}}", "a%22b"],
    ["{{request.query.q | html}}", "a&#34;b"],
    ["{{request.query.q | base64}}", "YSJi"],
    ["{{request.query.q | json}}", '"a\\"b"'],
    ["{{request.json.n | json}}", "7"],
    ["{{request.json.n | json | default:x}}", "7"],
    ['{{"{{"}} and }}', "{{ and }}"],
  ])("%s", (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test.each([
    ["json", '{"q":"{{request.query.q}}"}', '{"q":"a\\"b"}'],
    ["json", '{"q":{{request.query.q|json}}}', '{"q":"a\\"b"}'],
    ["url", "/x?q={{request.query.q}}", "/x?q=a%22b"],
    ["url", "/x?q={{request.query.q|raw}}", '/x?q=a"b'],
  ] as const)("in %s: %s", (mode, text, expected) => {
    expect(render(text, mode)).toBe(expected);
  });

  test("whatever a client sends ends neither a JSON string nor a header line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const fields = { url: `https://a.test/?v=${encodeURIComponent(text.toString())}` };
        if (!/[\ud800-\udfff]/.test(text)) {
          expect(JSON.parse(render('{"v":"{{request.query.v}}"}', "json", fields))).toEqual({ v: text });
        }
        expect(render("{{request.query.v|raw}}", "line", fields)).not.toMatch(/[\r\n\0]/);
      }),
    );
  });

  test.each([
    ["{{", 0, 2],
    ["a {{request.method", 2, 4],
    ["{{}}", 2, 3],
    ["x {{ nope }}", 5, 9],
    ["{{request.querry.x}}", 2, 18],
    ["{{request.method | shout}}", 19, 24],
    ["{{request.method | }}", 19, 19],
    ["{{request.method | json:2}}", 19, 25],
    ["{{request.method | default}}", 19, 26],
    ["{{random.9.1}}", 2, 12],
    ["{{counter.a b}}", 2, 13],
    ["{{request.json.}}", 2, 15],
  ])("%s is a mistake at %i", (text, start, end) => {
    expect(() => compileTemplate(text, "plain")).toThrow(expect.objectContaining({ start, end }));
  });

  test("says what may have been meant", () => {
    const thrown = (): unknown => compileTemplate("{{request.metod}}", "plain");
    expect(thrown).toThrow(expect.objectContaining({ hint: expect.stringContaining("request.method") }));
  });

  test.each([
    "{{constructor}}",
    "{{request.constructor}}",
    "{{this}}",
    "{{process.exit()}}",
    "{{request['method']}}",
    "{{1+1}}",
    "{{`x`}}",
    "{{request.method.constructor.constructor('return process')()}}",
    "{{#each x}}",
    "{{request.method | constructor}}",
    "{{request.method | __proto__}}",
    "{{request.method | toString}}",
  ])("%s is no name of anything", (text) => {
    expect(() => compileTemplate(text, "plain")).toThrow(Mistake);
  });

  test.each([
    "{{request.json.constructor.name}}",
    "{{request.json.__proto__.toString}}",
    "{{request.json.user.tags.length}}",
    "{{request.headers.__proto__}}",
    "{{request.query.constructor}}",
  ])("%s finds nothing", (text) => {
    expect(render(text)).toBe("");
  });

  test("any text is a template or a mistake", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "|",
      ":",
      '"',
      "'",
      "request.json.a",
      "counter",
      "json",
      "url",
      " ",
      "x",
    );
    fc.assert(
      fc.property(
        fc.array(piece),
        fc.constantFrom<TemplateMode>("plain", "json", "line", "url"),
        (pieces, mode) => {
          try {
            expect(typeof render(pieces.join(""), mode)).toBe("string");
          } catch (error) {
            expect(error).toBeInstanceOf(Mistake);
          }
        },
      ),
    );
  });
});
