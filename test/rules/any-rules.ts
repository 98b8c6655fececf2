// Rules and requests at random that have much to do with each other.
import fc from "fast-check";
import type { RawHeaders } from "../../src/exchange/headers.js";
import type { RequestHead } from "../../src/rules/subject.js";
import { type Rule, type RuleSet, ruleSetOf } from "../../src/rules/types.js";
import { request, rules } from "./support.js";

/** Few texts, so that rules and requests have them in common. */
const word = fc.constantFrom("kiss", "Kiss", "KISS", "orders", "users");
const sign = fc.constantFrom("", "/", "-", "=", ":", ": ", ".", "?");
/** Other cases of `kiss`, bytes of UTF-8 and what they stand for. */
const beyond = fc.constantFrom("\u212aiss", "ki\u017f\u017f", "\u00c3\u00a9", "\u00e9", "\u00ff");
const escaped = fc.constantFrom("%6biss", "k%69ss", "ki+ss", "%20", "%zz");
const text = fc
  .tuple(
    sign,
    fc.oneof(
      { weight: 6, arbitrary: word },
      { weight: 1, arbitrary: beyond },
      { weight: 1, arbitrary: escaped },
    ),
    sign,
  )
  .map((parts) => parts.join(""));
const host = fc.constantFrom(
  "kiss.example.com",
  "KISS.example.com",
  "users.test",
  "\u212aiss.test",
  "[2001:db8::10]",
);

const pattern = fc.oneof(
  text,
  host.map((name) => name.replace(/\[(.*)\]/, "$1")),
  fc
    .tuple(
      fc.constantFrom("", "^", "^https", "(?i)", ".*"),
      text,
      fc.constantFrom(
        "",
        "$",
        "+",
        "?",
        "\\b",
        ".*orders",
        "(kiss|users)",
        "(?:kiss)?",
        "(users){2}",
        "(users|)",
      ),
    )
    .map((parts) => parts.join("")),
);
const regex = fc.tuple(pattern, fc.constantFrom("", "i")).map(([source, flags]) => `/${source}/${flags}`);
const glob = fc
  .tuple(fc.constantFrom("", "*"), text, fc.constantFrom("", "*", "*orders*"))
  .map((parts) => parts.join(""));

const fieldName = fc.constantFrom("kiss", "Kiss", "KISS", "users", "Content-Type");
const headerLine = fc
  .tuple(
    fc.constantFrom("", "^", "-", "a\\r\\n"),
    fc.oneof(fieldName, fc.constant("iss")),
    fc.constantFrom(": ", ":"),
    text,
  )
  .map((parts) => parts.join(""));
const condition = fc
  .tuple(
    fc.constantFrom("u", "uc", "d", "dc", "m", "mc", "hq", "hqc", "tq", "tqc", "h", "c 200 | ~u"),
    fc.oneof({ weight: 2, arbitrary: pattern }, { weight: 1, arbitrary: headerLine }),
  )
  .map(([name, argument]) => `~${name} ${JSON.stringify(argument)}`);
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    condition,
    fc
      .tuple(tie("filter"), fc.constantFrom("&", "|"), tie("filter"))
      .map(([left, sign, right]) => `(${left} ${sign} ${right})`),
    tie("filter").map((inner) => `!(${inner})`),
  ),
}));

const method = fc.constantFrom("GET", "get", "kiss", "KISS", "\u212aiss");
const wanted = fc.oneof(text, regex, fc.constantFrom<string | number | boolean | null>(true, null, 1, ""));
const someOf = (each: fc.Arbitrary<string>): fc.Arbitrary<string | string[]> =>
  fc.oneof(each, fc.array(each, { minLength: 2, maxLength: 2 }));
const parts = {
  method: someOf(method),
  host: someOf(fc.oneof(host, glob)),
  path: someOf(glob.map((each) => `/${each}`)),
  url: fc.oneof(
    regex,
    fc
      .tuple(
        fc.constantFrom("https://", "wss://", "*://", "http*://"),
        fc.oneof(host, fc.constant("*")),
        glob,
      )
      .map((each) => each.join("")),
  ),
  query: fc.dictionary(fc.oneof(word, text), wanted, { minKeys: 1, maxKeys: 1 }),
  headers: fc.dictionary(fieldName, wanted, { minKeys: 1, maxKeys: 1 }),
  filter,
};
const match = fc.oneof(
  filter,
  ...Object.entries(parts).map(([name, value]) => fc.record({ [name]: value })),
  fc.record({ ...parts, json: fc.constant({ "/a": 1 }) }, { requiredKeys: [] }),
);
export const anyRule = fc.record({
  match,
  enabled: fc.constantFrom(true, true, true, false),
  actions: fc.constantFrom<object>({ tag: "a" }, { tag: "a" }, { respond: { status: 200 } }),
  probability: fc.constantFrom(1, 0.5),
});

const parameter = fc.oneof(
  text,
  fc
    .tuple(fc.oneof(text, word), fc.constantFrom("=", "=", ""), fc.oneof(text, fc.constantFrom("", "1")))
    .map((each) => each.join("")),
);
const url = fc
  .tuple(
    fc.constantFrom("https://", "http://", "https://users:kiss@"),
    host,
    fc.constantFrom("", ":8443"),
    fc.oneof(
      fc.constant(""),
      fc.array(text, { maxLength: 2 }).map((each) => `/${each.join("")}`),
    ),
    fc.oneof(
      fc.constant(""),
      fc.array(parameter, { maxLength: 2 }).map((each) => `?${each.join("&")}`),
    ),
    fc.constantFrom("", "#kiss?users=1"),
  )
  .map((each) => each.join(""));
const headers: fc.Arbitrary<RawHeaders> = fc.array(
  fc.tuple(
    fc.oneof(fieldName, fc.constant("\u212aiss")),
    fc.oneof(text, fc.constantFrom("", "1", "a\r\nkiss: users", "kiss: \u212aiss")),
  ),
  { maxLength: 3 },
);
export const anyHead: fc.Arbitrary<RequestHead> = fc
  .record({ url, headers, method, httpVersion: fc.constantFrom("HTTP/1.1" as const, "HTTP/2.0" as const) })
  .map((fields) => request(fields));

/** Rules as they are read; those with mistakes are left out. */
export async function compiled(made: readonly object[]): Promise<RuleSet> {
  const found: Rule[] = [];
  for (const [index, each] of made.entries()) {
    const file = JSON.stringify({ rules: [{ name: `${index}`, ...each }] });
    const set = await rules(file).catch(() => undefined);
    if (set !== undefined) found.push(...set.rules);
  }
  return ruleSetOf(found, []);
}
