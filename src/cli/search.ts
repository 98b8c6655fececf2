// `trafficctl search`: where a text stands in what was recorded.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { SearchHit, SearchPlace, SearchReport } from "../operations/search.js";
import { statusText } from "./exchange-fields.js";
import { statusColour } from "./exchange-paint.js";
import { type CommonOptions, commonCommand, homeOf, textOptions, warn, writeOut } from "./output.js";
import { printableText } from "./printable.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, parseCount, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { warnOfReports } from "./source-reports.js";
import type { TextOptions } from "./text-options.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly in?: string;
  readonly regex?: boolean;
  readonly caseSensitive?: boolean;
  readonly snippets?: string;
}

const PLACES: readonly SearchPlace[] = ["url", "headers", "request", "response", "websocket"];

const EXAMPLES = `${SESSION_HELP}
PATTERN is the last word: a text as it is, or with --regex a regular expression.

Examples:
  $ trafficctl search 'order 4711'
  $ trafficctl search last --in headers set-cookie
  $ trafficctl search all --method POST --regex 'user_?id":\\s*\\d+'
`;

export function searchCommand(): Command {
  return addQueryOptions(commonCommand("search", "a text in URLs, headers, bodies and messages"))
    .usage("[options] [SESSION...] PATTERN")
    .optionsGroup("How to search:")
    .option("--in <places>", `only there: ${PLACES.join(",")}`)
    .option("-e, --regex", "PATTERN is a regular expression, as in filters")
    .option("--case-sensitive", "upper and lower case differ")
    .option("--snippets <n>", "places to show of each exchange (default: 5)")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const pattern = words.at(-1);
  if (pattern === undefined) {
    throw new TrafficError("USAGE", "search for what?", { hint: "trafficctl search 'a text'" });
  }
  const { createSearchReport, search } = await import("../operations/search.js");
  const report = createSearchReport();
  const progress = new Progress("searching");
  const hits = search(
    {
      ...choiceOf(await homeOf(flags), words.slice(0, -1), flags),
      pattern,
      regex: flags.regex === true,
      caseSensitive: flags.caseSensitive === true,
      ...(flags.in === undefined ? {} : { places: placesOf(flags.in) }),
      ...(flags.snippets === undefined ? {} : { snippets: parseCount(flags.snippets, "--snippets", 0) }),
      onSearched: ({ done, total }) => progress.update(done, total, `${done} of ${total} exchanges`),
    },
    report,
  );
  try {
    await (flags.json === true ? printJson(hits, report) : printText(hits, report, progress));
  } finally {
    progress.end();
  }
  warnOfReports(report.sources);
}

function placesOf(text: string): SearchPlace[] {
  return text.split(",").map((each) => {
    const place = PLACES.find((one) => one === each.trim());
    if (place !== undefined) return place;
    throw new TrafficError("BAD_OPTION", `--in: there is no place '${each.trim()}'`, {
      hint: `places: ${PLACES.join(", ")}`,
    });
  });
}

async function printJson(hits: AsyncIterable<SearchHit>, report: SearchReport): Promise<void> {
  await writeOut('{"hits":[');
  let separator = "";
  for await (const { session, facts, matches, snippets } of hits) {
    const { id, seq, method, url, status } = facts;
    const hit = { session, id, seq, method, url, status, matches, snippets };
    await writeOut(`${separator}${JSON.stringify(hit)}`);
    separator = ",";
  }
  const { sources: _sources, ...counts } = report;
  await writeOut(`],${JSON.stringify(counts).slice(1)}\n`);
}

async function printText(
  hits: AsyncIterable<SearchHit>,
  report: SearchReport,
  progress: Progress,
): Promise<void> {
  const options = await textOptions();
  for await (const hit of hits) {
    progress.end();
    await writeOut(describeHit(hit, options));
  }
  const { exchanges, matches, searched, binary, limited } = report;
  warn(`${matches} matches in ${exchanges} of ${searched} exchanges`);
  if (binary > 0) warn(`${binary} binary bodies and messages passed by`);
  if (limited > 0) warn(`of ${limited} bodies the first 32 MB were searched`);
}

function describeHit({ session, facts, matches, snippets }: SearchHit, options: TextOptions): string {
  const { colours } = options;
  const status = statusColour(facts.status, facts.error !== null, colours)(statusText(facts));
  const head = `${colours.dim(`${session} ${facts.seq}`)}  ${colours.bold(facts.method)} ${printableText(facts.url)}  ${status}`;
  const lines = snippets.map(({ place, detail, text, start, end }) => {
    const where = detail === undefined ? place : `${place} ${printableText(detail)}`;
    const found = colours.red.bold(printableText(text.slice(start, end)));
    return `  ${colours.cyan(where)}  ${printableText(text.slice(0, start))}${found}${printableText(text.slice(end))}\n`;
  });
  const rest = matches - snippets.length;
  const more = rest > 0 ? `  ${colours.dim(`and ${rest} more`)}\n` : "";
  return `${head}\n${lines.join("")}${more}`;
}
