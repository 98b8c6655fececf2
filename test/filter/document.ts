// docs/filters.md, made from the table of operators.
import { FILTER_SIGNS, filterOperators } from "../../src/operations/filters.js";

export function filterDocument(): string {
  const operators = filterOperators();
  const groups = [...new Set(operators.map(({ group }) => group))];
  const tables = groups.map((group) => {
    const rows = operators.filter((operator) => operator.group === group);
    const lines = rows.map(
      ({ syntax, help, example, mitmproxy }) =>
        `| ${code(syntax)} | ${cell(help)}${mitmproxy ? "" : " \\*"} | ${code(example)} |`,
    );
    return `### ${group.slice(0, 1).toUpperCase()}${group.slice(1)}\n\n| | selects | example |\n|---|---|---|\n${lines.join("\n")}`;
  });
  const signs = FILTER_SIGNS.map(({ syntax, help }) => `| ${code(syntax)} | ${cell(help)} |`);
  return `${HEAD}\n${tables.join("\n\n")}\n\n\\* not in mitmproxy.\n\n## Signs\n\nThe strongest first.\n\n| | |\n|---|---|\n${signs.join("\n")}\n\n${TAIL}`;
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

const HEAD = `<!-- Made from the table in src/filter by test/filter/document.test.ts; \`npx vitest run test/filter/document.test.ts -u\` remakes it. -->

# The filter language

Every command that selects exchanges takes it. It is mitmproxy's: what is a filter there is one here, with the same answer (of
mitmproxy 12: case is ignored, an empty body is searched too). \`test/filter/mitmproxy.test.ts\` compares the two.

    trafficctl query last '~m POST & ~d example.com & ~c 5xx'
    trafficctl query last 'api/users !~c 200'

\`trafficctl filters\` prints this table.

## Conditions
`;

const TAIL = `## Words, quotes, regular expressions

- A word without an operator is \`~u\`.
- A word ends at white space, quotes, parentheses and \`~\`. \`&\`, \`|\` and \`!\` within a word are part of it: \`a|b\` is a regular
  expression, \`a | b\` are two conditions, and a sign with nothing behind it is a word. Values that are no regular expressions
  end at these signs too.
- In quotes, \`\\\` takes the next character as it is (\`\\n\`, \`\\t\`, \`\\r\`, \`\\f\`, \`\\x41\`, \`\\u00e9\` and \`\\101\` mean what they do elsewhere), so
  that a backslash of a regular expression is written twice: \`~u "users/\\\\d+"\`. Without quotes once: \`~u users/\\d+\`.
- Regular expressions are Python's. Those over headers, methods and bodies search bytes: a pattern means its own UTF-8, \`\\w\` and
  case are those of ASCII. Those over URLs and names search text. \`^\` and \`$\` hold at each line for headers; \`.\` takes newlines
  in bodies only.
- Every operator with a regular expression has a twin that heeds case: \`~uc\`, \`~bc\`, \`~hqc\`.
- Not supported: \`(?(1)...)\`, \`\\N{...}\` and the flag \`L\`.
- A search that takes longer than its limit (1 s, 50 ms inside the proxy) is stopped with \`PATTERN_TOO_SLOW\`.

## Values

- Status: \`404\`, \`5xx\`, \`400..499\`, \`>=400\`, several with commas. Where mitmproxy reads \`~c 200a\` as two conditions, it is refused here.
- Sizes: bytes, or with \`KB\`, \`MB\`, \`GB\`, \`TB\` (powers of 1024). They are those on the wire: a compressed body counts as it was sent.
- Durations: \`us\`, \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`; seconds without a unit.
- Ranges: \`>X\`, \`>=X\`, \`<X\`, \`<=X\`, \`X..Y\` with both ends, \`X..\`, \`..Y\`.
- Times: \`2026-11-20\`, \`2026-11-20T10:00\`, \`2026-11-20T10:00:30.5Z\`, \`2026-11-20T10:00+02:00\`; local time without a zone. One time alone
  stands for all of that day, hour, minute or second. A range up to a day includes the day, up to a time it ends there; its end
  may be a time of the first day: \`2026-11-20T10:00..11:00\`.

## What is not known yet

In a proxy a filter may be asked before the response has come, in an index without headers and bodies. A condition on what is not
there is neither true nor false; \`&\`, \`|\` and \`!\` follow Kleene's logic, so that \`~m POST & ~c 200\` is false for a GET at once and open
for a POST. Nothing is decided early that would be otherwise in the end.

## Everyday flags

The same conditions in long form; all flags must hold, any one value of each, together with a filter.

| | |
|---|---|
| \`--method GET\` | \`~m ^(?:GET)$\` |
| \`--hostname TEXT\`, \`--hostname '*.example.com'\` | \`~d\` with the text or the glob |
| \`--url TEXT\`, \`--url /REGEX/\` | \`~u\` |
| \`--status 404,5xx\` | \`~c\` |
| \`--type json\`, \`--type 'image/*'\` | \`~ts\` |
| \`--text TEXT\` | \`~u\`, \`~h\` or \`~b\` |
| \`--from TIME\`, \`--to TIME\` | \`~time\` |
| \`--min-duration 500ms\` | \`~dur >=500ms\` |
| \`--streaming\` | \`~stream\` |
`;
