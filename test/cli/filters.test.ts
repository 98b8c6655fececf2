import { Chalk } from "chalk";
import { afterEach, describe, expect, it, vi } from "vitest";
import { filtersCommand } from "../../src/cli/filters.js";
import { describeFilters } from "../../src/cli/filters-text.js";
import { FILTER_SIGNS, filterOperators } from "../../src/operations/filters.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the command prints. */
async function run(...args: string[]): Promise<string> {
  let output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text: unknown, ...rest: unknown[]) => {
    output += String(text);
    for (const done of rest) if (typeof done === "function") done();
    return true;
  });
  await filtersCommand().parseAsync(args, { from: "user" });
  vi.restoreAllMocks();
  return output;
}

describe("trafficctl filters", () => {
  it("prints every operator once, in groups", async () => {
    const output = await run();
    for (const { syntax } of filterOperators()) {
      expect(output.split("\n").filter((line) => line.startsWith(`  ${syntax} `))).toHaveLength(1);
    }
    for (const title of ["Request", "Response", "Either side", "Exchange", "Amounts and times", "Signs, "]) {
      expect(output).toContain(`\n${title}`.slice(title === "Request" ? 1 : 0));
    }
  });

  it("fits a terminal", () => {
    const colours = new Chalk({ level: 0 });
    for (const width of [60, 80, 120]) {
      const lines = describeFilters(filterOperators(), FILTER_SIGNS, { colours, width }).split("\n");
      expect(lines.filter((line) => line.length >= width)).toEqual([]);
    }
  });

  it("prints JSON", async () => {
    const { operators, signs } = JSON.parse(await run("--json"));
    expect(operators).toContainEqual({
      syntax: "~c STATUS",
      group: "response",
      help: expect.stringContaining("5xx"),
      example: "~c 5xx",
      mitmproxy: true,
    });
    expect(signs).toHaveLength(5);
  });

  it("has an example in its help", () => {
    let help = "";
    const command = filtersCommand();
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    expect(help).toMatch(/Examples:\n {2}\$ /);
  });
});
