// `trafficctl filters`: the filter language in one table.
import { Command } from "commander";

/** The `filters` command. */
export function filtersCommand(): Command {
  return new Command("filters")
    .description("the filter language, which every command that selects exchanges takes")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const { FILTER_SIGNS, filterOperators } = await import("../operations/filters.js");
      if (options.json === true) {
        return await write(`${JSON.stringify({ operators: filterOperators(), signs: FILTER_SIGNS })}\n`);
      }
      const { coloursFor, columnsOf } = await import("./print.js");
      const { describeFilters } = await import("./filters-text.js");
      const text = { colours: coloursFor(process.stdout), width: columnsOf(process.stdout) };
      await write(describeFilters(filterOperators(), FILTER_SIGNS, text));
    })
    .addHelpText(
      "after",
      "\nExamples:\n  $ trafficctl filters\n  $ trafficctl filters --json | jq -r '.operators[].syntax'\n",
    );
}

/** Waits until it is out: a process that ends at once would cut a pipe short. */
function write(content: string): Promise<void> {
  return new Promise((done, fail) =>
    process.stdout.write(content, (error) => (error ? fail(error) : done())),
  );
}
