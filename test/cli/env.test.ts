// Quoting: what a shell makes of the lines has to be the values again.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currentShell, shellLines } from "../../src/cli/shell-lines.js";

/** What an environment variable can hold. */
const value = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => !text.includes("\0"));
const tricky = fc.string({
  unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", "\r", " ", "!", "#", "%", "a", "’", "(x)", ";"),
});

describe("bash", () => {
  it("reads back every value, all at once and through eval", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(value, tricky), { minLength: 1, maxLength: 8 }), (values) => {
        const variables = Object.fromEntries(values.map((text, index) => [`V${index}`, text]));
        const script = `eval "$LINES_TO_EVAL"; node -e 'process.stdout.write(JSON.stringify(process.env))'`;
        const env = { PATH: process.env.PATH, LINES_TO_EVAL: shellLines("bash", variables) };
        const read = JSON.parse(
          execFileSync("bash", ["-c", script], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
        ) as Record<string, string>;
        expect(Object.fromEntries(Object.keys(variables).map((name) => [name, read[name]]))).toEqual(
          variables,
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe("fish and PowerShell, by their rules", () => {
  it("fish: within single quotes only \\\\ and \\' mean something else", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        const [, quoted] = /^set -gx V '([\s\S]*)'\n$/.exec(shellLines("fish", { V: text })) ?? [];
        expect(quoted).toBeDefined();
        expect(quoted).not.toMatch(/^(?:[^\\']|\\[\s\S])*'/);
        expect(quoted?.replace(/\\([\\'])/g, "$1")).toBe(text);
      }),
    );
  });

  it("PowerShell: within single quotes only a doubled quote, of any kind, means something else", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        const [, quoted] = /^\$env:V = '([\s\S]*)'\n$/.exec(shellLines("powershell", { V: text })) ?? [];
        expect(quoted).toBeDefined();
        expect(quoted?.replace(/(['‘’‚‛])\1/g, "")).not.toMatch(/['‘’‚‛]/);
        expect(quoted?.replace(/(['‘’‚‛])\1/g, "$1")).toBe(text);
      }),
    );
  });
});

describe("files", () => {
  it("dotenv: single quotes, double ones only for what they can't hold", () => {
    expect(shellLines("dotenv", { A: 'a $b `c` "d" \\e', B: 'it\'s\n"$x"\\' })).toBe(
      'A=\'a $b `c` "d" \\e\'\nB="it\'s\\n\\"\\$x\\"\\\\"\n',
    );
  });

  it("docker: the value as it is, and an error for a line break", () => {
    expect(shellLines("docker", { A: 'it\'s "quoted" $x', B: "" })).toBe('A=it\'s "quoted" $x\nB=\n');
    expect(() => shellLines("docker", { A: "one\ntwo" })).toThrow(/A has a line break/);
  });
});

it.each([
  [{ SHELL: "/usr/bin/fish" }, "linux", "fish"],
  [{ SHELL: "/bin/zsh" }, "darwin", "bash"],
  [{}, "linux", "bash"],
  [{}, "win32", "powershell"],
  [{ SHELL: "/usr/bin/bash" }, "win32", "bash"],
] as const)("the shell of %j on %s is %s", (env, platform, shell) => {
  expect(currentShell(env, platform)).toBe(shell);
});
