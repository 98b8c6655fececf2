// Every mistake is told with its place: `▸` stands where it is, and is not part of the file.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadRules, RulesInvalid } from "../../src/rules/load.js";
import { run } from "../support/run.js";
import { rules, tempFolder } from "./support.js";

const rule = (lines: string): string => `# a comment\nrules:\n  - name: x\n    ${lines}\n`;
const action = (text: string): string => rule(`actions: ${text}`);
const match = (text: string): string => rule(`match: ${text}\n    actions: [pass]`);

const CASES: [text: string, message: string, hint?: string][] = [
  ["▸", "a rule file is a map"],
  ["▸- a", "a rule file is a map"],
  ["rules: ▸5", "5 is not a list"],
  ["▸rule: []", "rules is missing"],
  ["rules: []\n▸rule: []", "there is no 'rule' here", "did you mean rules?"],
  ["rules:\n  - ▸5", "5 is not a map"],
  ["version: ▸2\nrules: []", "2 is not 1"],
  ["rules:\n  - ▸name: x\n    match: ~all", "actions is missing"],
  ["rules:\n  - ▸actions: [pass]", "name is missing"],
  ["rules:\n  - name: ▸''\n    actions: [pass]", "'' has 0 characters"],
  [
    "rules:\n  - name: x\n    actions: [pass]\n  - name: ▸x\n    actions: [pass]",
    "a second rule 'x'",
    "line 2",
  ],
  [rule("actions: [pass]\n    ▸prioritty: 5"), "there is no 'prioritty' here", "did you mean priority?"],
  [rule("priority: ▸high\n    actions: [pass]"), "'high' is not a number"],
  [rule("times: ▸0\n    actions: [pass]"), "0 is not at least 1"],
  [rule("times: ▸1.5\n    actions: [pass]"), "1.5 is not a whole number"],
  [rule("probability: ▸2\n    actions: [pass]"), "2 is not at most 1"],
  [rule("enabled: ▸yes\n    actions: [pass]"), "'yes' is not true or false"],
  [rule("▸actions: {}"), "a rule needs an action"],
  [rule("▸actions: []"), "a list of at least 1"],
  [action("▸5"), "5 can't stand here", "a list, or a map"],
  [action("[▸passs]"), "'passs' can't stand here", "did you mean pass"],
  [action("{▸respnd: {}}"), "there is no 'respnd' here", "did you mean respond?"],
  [action("{respond: {▸staus: 200}}"), "there is no 'staus' here", "did you mean status?"],
  [action("{respond: {status: ▸99}}"), "99 is not at least 200"],
  [action("{respond: {status: ▸two}}"), "'two' is not a number"],
  [action("{respond: ▸200}"), "200 is not a map"],
  [action("{respond: {status: ▸204, text: a}}"), "a response 204 has no body"],
  [action('{respond: {reason: ▸"a\\nb"}}'), "printable"],
  [action("{respond: {text: a, json: ▸1}}"), "not both text and json"],
  [action("{respond: {file: ▸nope.json}}"), "there is no /nowhere/nope.json", "relative to the rule file"],
  [action("{respond: {base64: ▸a}}"), "not base64"],
  [action("{respond: {template: ▸true}}"), "no body that could be a template"],
  [action("{respond: {text: 'a {{▸request.nope}}'}}"), "no value 'request.nope'"],
  [action('\n      - respond:\n          json: {a: [1, "x{{▸nope}}"]}'), "no value 'nope'"],
  [action("{respond: {headers: {▸'a b': 1}}}"), "can't be the name of a header field"],
  [action("{respond: {headers: {▸Content-Length: 1}}}"), "can't be set by a rule"],
  [action('{respond: {headers: {a: ▸"1\\n2"}}}'), "control characters"],
  [action("{respond: {headers: {a: 'x{{▸nope}}'}}}"), "no value 'nope'"],
  [action("{respond: {delay: ▸1d}}"), "no duration"],
  [action("{delay: ▸5 parsecs}"), "no duration"],
  [action("{delay: ▸2s..1s}"), "no duration"],
  [action("{▸delay: [1]}"), "a list can't stand here"],
  [action("{abort: ▸rest}"), "'rest' is not one of close, reset, timeout", "did you mean reset?"],
  [action("{pause: ▸requst}"), "'requst' can't stand here", "did you mean request?"],
  [action("[pass, ▸pass]"), "pass never happens"],
  [action("{pass: true, ▸abort: close}"), "abort never happens"],
  [action("{message: {match: '/▸[/', drop: true}}"), ""],
  [rule("match: ~c 500 | ~ts json\n    actions: {▸rewrite: {host: x}}"), "comes too late"],
  [action("{throttle: {▸dwn: 5}}"), "there is no 'dwn'", "did you mean down?"],
  [action("{throttle: ▸fast}"), "no number of bytes per second"],
  [action("{throttle: {up: ▸0}}"), "no number of bytes per second"],
  [action("{▸throttle: {}}"), "down, up or both"],
  [action("{▸set-request: {}}"), "nothing to change"],
  [action("{set-request: {method: ▸'A B'}}"), "this can't be a method"],
  [action("{set-request: {headers: {▸sett: {a: b}}}}"), "there is no 'sett'", "did you mean set?"],
  [action("{set-request: {headers: {remove: [a, ▸'b c']}}}"), "can't be the name"],
  [action("{set-request: {query: {set: {a: '{{▸x}}'}}}}"), "no value 'x'"],
  [action("{set-request: {edit-json: {set: {▸user: 1}}}}"), "no JSON pointer", "/user"],
  [action("{set-request: {edit-json: {set: {/user: ['{{▸x}}']}}}}"), "no value 'x'"],
  [action("{set-request: {edit-json: {remove: [/a, ▸b.c]}}}"), "no JSON pointer", "/b/c"],
  [action("{set-request: {edit-json: {remove: [▸'']}}}"), "can't be removed"],
  [action("{set-request: {body: {file: ▸nope}}}"), "there is no /nowhere/nope"],
  [action("{set-response: {status: ▸700}}"), "700 is not at most 599"],
  [action("{set-response: {replace: {find: '/a▸(/', with: x}}}"), "not closed"],
  [action("{set-response: {replace: [{find: '/a/', with: ▸x$1}]}}"), "there is no $1"],
  [action("{rewrite: {to: ▸localhost:3000}}"), "this is no URL"],
  [action("{rewrite: {to: ▸http://x/$1}}"), "there is no $1"],
  [
    rule("match: {url: 'https://*'}\n    actions: {rewrite: {to: ▸http://x/$2}}"),
    "there is no $2",
    "the last one is $1",
  ],
  [action("{rewrite: {from: ▸x/*, to: http://x}}"), "a URL begins with its scheme"],
  [action("{rewrite: {host: ▸a/b}}"), "no host name"],
  [action("{rewrite: {path: ▸a}}"), "begins with a slash"],
  [action("{rewrite: {port: ▸70000}}"), "70000 is not at most 65535"],
  [action("{rewrite: {to: ▸http://x, port: 1}}"), "a second time"],
  [action("{▸rewrite: {}}"), "nothing to rewrite"],
  [action("{serve-dir: ▸./nope}"), "there is no /nowhere/nope"],
  [action("{serve-dir: {dir: ▸./nope}}"), "there is no /nowhere/nope"],
  [action("{serve-dir: {dir: ., strip: ▸x}}"), "must start with"],
  [action("{▸tag: []}"), "a list of at least 1"],
  [action("{▸redact: {}}"), "nothing to redact"],
  [action("{redact: {json: [▸a]}}"), "no JSON pointer"],
  [action("{▸message: {}}"), "nothing to do with the messages"],
  [action("{message: {inject: [{direction: ▸up, text: a}]}}"), "'up' is not one of send, receive"],
  [action("{message: {inject: [▸{direction: send}]}}"), "one of text, json and base64"],
  [match("▸~u ("), "needs a regular expression"],
  [match("▸'~x y'"), "there is no operator ~x"],
  [match("▸~q"), "known only when an exchange is over"],
  [match("▸~m GET & ~dur >1s"), "~dur is known only when"],
  [match("{filter: ▸~zz}"), "there is no operator"],
  [match("{▸methd: GET}"), "there is no 'methd'", "did you mean method?"],
  [match("{method: ▸5}"), "5 can't stand here"],
  [rule("▸match: {}\n    actions: [pass]"), "asks for nothing"],
  [match("{url: ▸/api}"), "a URL begins with its scheme", "path: /api"],
  [match("{url: '/a▸(b/'}"), "not closed"],
  [match("{host: ▸https://x}"), "more than a host name"],
  [match("{path: ▸x}"), "does not begin with a slash"],
  [match("{path: ▸/x?y=1}"), "more than a path"],
  [match("{query: {▸a: [1]}}"), "a list can't stand here"],
  [match("{headers: {a: '/▸(/'}}"), "not closed"],
  [match("{headers: {▸'a b': 1}}"), "can't be the name"],
  [match("{json: {▸a: 1}}"), "no JSON pointer"],
  [rule("match: ~c 500\n    actions: {▸set-request: {method: PUT}}"), "comes too late"],
  ["rules:\n  - name: x\n▸   actions: [pass]", "sequence item"],
  ["rules: [{name: a, match: {url: /a▸[0-9]/}, actions: [pass]}]", "unexpected", "put quotes"],
  ["rules: []\n▸rules: []", "map keys must be unique"],
  ["x: ▸*nope", "unresolved alias"],
  ["rules: ▸!!js/function 'x'", "unresolved tag"],
  ['{"rules": [\n\t{"name": "x",\n\t"actions": {"abort": ▸"no"}}]}', "'no' is not one of"],
];

describe("a rule file with a mistake", () => {
  test.each(CASES)("%s", async (text, message, hint) => {
    const error = await rules(text.replace("▸", "")).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof RulesInvalid)) throw new Error("it has no mistake", { cause: error });
    const [mistake] = error.mistakes;
    const before = text.slice(0, text.indexOf("▸")).split("\n");
    expect(mistake).toMatchObject({
      file: "rules.yaml",
      line: before.length,
      column: before.at(-1)!.length + 1,
    });
    expect(mistake?.message).toContain(message);
    expect(mistake?.hint ?? "").toContain(hint ?? "");
    expect(error.code).toBe("RULES_INVALID");
    expect(error.message).toContain(`rules.yaml:${mistake?.line}:${mistake?.column}: `);
  });

  test("has all of them told at once, in the order of the file", async () => {
    const text = [
      "rules:",
      "  - {name: a, match: ~x, actions: {delay: x}}",
      "  - {name: b, prio: 1, actions: {respond: {status: 1, txt: a}}}",
      "  - {name: a, actions: [pass]}",
    ].join("\n");
    const error: unknown = await rules(text).catch((thrown: unknown) => thrown);
    if (!(error instanceof RulesInvalid)) throw new Error("it has no mistake", { cause: error });
    expect(error.mistakes.map(({ line, column }) => `${line}:${column}`)).toEqual([
      "2:22",
      "2:43",
      "3:15",
      "3:52",
      "3:55",
      "4:12",
    ]);
    expect(error.message.split("\n").filter((line) => line.startsWith("rules.yaml:"))).toHaveLength(6);
  });

  test.each([
    `rules: ${"[".repeat(5000)}${"]".repeat(5000)}`,
    `rules: ${"{a: ".repeat(5000)}`,
    `rules:\n${"- ".repeat(5000)}x`,
    `rules:\n${"? ".repeat(5000)}x`,
    `rules:\n${"a: ".repeat(5000)}x`,
    `rules:\n${": ".repeat(5000)}x`,
    `rules:\n${Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")}`,
  ])("nested without end is refused before it is parsed", async (text) => {
    const error: unknown = await rules(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ mistakes: [{ message: expect.stringContaining("within each other") }] });
  });

  test.each([
    ["rules:\n- name: a\n  match: {host: ▸*.example.com}", "quotes"],
    ["rules:\n- name: a\n  match: ▸!~m GET", "quotes"],
    ["rules:\n- name: a\n  match: ▸@x", "quotes"],
    ["rules:\n- name: ▸a: b", "quotes"],
    ["rules:\n- name: a\n  actions:\n    respond:\n      text: {▸{request.body}}", "quotes"],
    ["rules:\n▸\t- name: a", "spaces"],
    ["rules: []\n▸---\nrules: []", "one list"],
    ['{"rules": [ // all of them\n  ▸{"name": "a", "actions": ["pass"]}]}', "begin with #"],
  ])("what YAML takes for something else: %j", async (marked, hint) => {
    const lines = marked.slice(0, marked.indexOf("▸")).split("\n");
    const error: unknown = await rules(marked.replace("▸", "")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      mistakes: [
        { line: lines.length, column: 1 + lines.at(-1)!.length, hint: expect.stringContaining(hint) },
      ],
    });
  });

  test("a name that would be lost, and with it what the match asks for", async () => {
    for (const text of [match("{query: {▸__proto__: x}}"), match("{headers: {a: b, ▸__proto__: x}}")]) {
      const column =
        text
          .split("\n")
          .find((line) => line.includes("▸"))!
          .indexOf("▸") + 1;
      const error: unknown = await rules(text.replace("▸", "")).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ mistakes: [{ column, message: "__proto__ can't be a name here" }] });
    }
    const set = await rules(action("{respond: {json: {__proto__: {a: 1}}}}"));
    expect(set.rules).toHaveLength(1);
  });

  test("files that have no end, or no beginning", async () => {
    const folder = tempFolder();
    expect((await run("mkfifo", [join(folder, "pipe")])).code).toBe(0);
    for (const [name, message] of [
      ["/dev/zero", "/dev/zero has more than 64000000 bytes"],
      ["pipe", "is a pipe"],
    ] as const) {
      const error: unknown = await rules(action(`{respond: {file: ${name}}}`), folder).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ mistakes: [{ message: expect.stringContaining(message) }] });
    }
    const path = join(folder, "rules.yaml");
    writeFileSync(path, `rules:\n${"# a comment\n".repeat(100_000)}`);
    await expect(loadRules([path])).rejects.toMatchObject({ hint: expect.stringContaining("split it") });
  });

  test.each([
    ["rules:\n# \u00fc\ufffd x\n- {name: ▸\xe9}", 3],
    ["▸\xff\xfer\0u\0", 1],
    ["rules: [▸\xef\xbf]\n", 1],
  ])("bytes that are no UTF-8 have their place: %j", async (marked, line) => {
    const [before = "", after = ""] = marked.split("▸");
    const path = join(tempFolder(), "rules.yaml");
    writeFileSync(path, Buffer.concat([Buffer.from(before), Buffer.from(after, "latin1")]));
    const column = 1 + before.slice(before.lastIndexOf("\n") + 1).length;
    await expect(loadRules([path])).rejects.toMatchObject({
      mistakes: [{ line, column, message: "this is not UTF-8" }],
    });
  });

  test("numbers that JSON does not have", async () => {
    const text = action("{respond: {json: [▸.inf]}}").replace("▸", "");
    const error: unknown = await rules(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ mistakes: [{ message: ".inf is no number in JSON" }] });
  });

  test("aliases that unfold to more than the file holds are refused", async () => {
    const levels = Array.from("abcdefgh", (name, index, all = "abcdefgh") =>
      index === 0
        ? `${name}: &${name} [x, x, x, x, x, x, x, x]`
        : `${name}: &${name} [${Array(9).fill(`*${all[index - 1]}`)}]`,
    );
    const error: unknown = await rules(levels.join("\n")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      mistakes: [{ line: 2, column: 8, message: expect.stringContaining("alias") }],
    });
  });

  test("any text is rules or mistakes", async () => {
    const piece = fc.constantFrom(
      "rules:",
      "\n",
      "  ",
      "- ",
      "name: a",
      "{",
      "}",
      "[",
      "]",
      "actions: ",
      "respond",
      ": ",
      "match: ",
      "~c 500",
      "*x",
      "&x ",
      '"',
      "# ",
      "<<",
      "!!a ",
      "|",
      "/(/",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const outcome: unknown = await rules(pieces.join("")).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(RulesInvalid);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a rule file without mistakes", () => {
  test("may use anchors, merge keys and comments, and may be JSON", async () => {
    const yaml = await rules(`
# a template for rules
x-defaults: &d {priority: 5}
rules:
  - <<: *d
    name: a # the first
    actions: [pass]
`).catch((error: unknown) => error);
    // Only what is a rule file's own may stand in it.
    expect(yaml).toMatchObject({ mistakes: [{ message: "there is no 'x-defaults' here" }] });
    const merged = await rules(
      "rules:\n  - &d {name: a, priority: 5, actions: [pass]}\n  - {<<: *d, name: b}",
    );
    expect(merged.rules.map(({ name, priority }) => `${name} ${priority}`)).toEqual(["a 5", "b 5"]);
    const many = Array.from({ length: 200 }, (_, index) => ({
      name: `${index}`,
      actions: { tag: [`${index}`] },
    }));
    expect((await rules(JSON.stringify({ rules: many }))).rules).toHaveLength(200);
    const tabs = '{\n\t"$schema": "x",\n\t"version": 1,\n\t"rules": []\n}';
    expect((await rules(tabs)).rules).toEqual([]);
  });
});
