// `trafficctl query`: exchanges as a table, JSON, JSON lines or CSV.
import { type Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import type { ExchangeFacts } from "../exchange/facts.js";
import type { Selected, Selection, Sort } from "../operations/query.js";
import { csvLine } from "./csv.js";
import { type ExchangeField, type ExchangeRow, fieldsOf, textOf } from "./exchange-fields.js";
import { paintField } from "./exchange-paint.js";
import { type CommonOptions, commonCommand, homeOf, textOptions, warn, writeOut } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, parseCount, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { warnOfReports } from "./source-reports.js";
import { layOutTable } from "./table.js";
import type { TextOptions } from "./text-options.js";
import { formatSize } from "./units.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly jsonl?: boolean;
  readonly csv?: boolean;
  readonly fields?: string;
  readonly sort: Sort;
  readonly limit?: string;
  readonly offset?: string;
  readonly count?: boolean;
  readonly follow?: boolean;
}

const EXAMPLES = `${SESSION_HELP}
Examples:
  $ trafficctl query                              what was recorded last
  $ trafficctl query last '~c 5xx | ~e'           server errors and failures
  $ trafficctl query last --hostname api --method POST --sort duration --limit 10
  $ trafficctl query all --text 'order 4711' --json | jq -r '.exchanges[].url'
  $ trafficctl query last --fields seq,status,path --csv > requests.csv
  $ trafficctl query last --follow                goes on while it is being recorded
`;

/** Rows of a table on a terminal when nobody says how many. */
const TERMINAL_LIMIT = 50;
const TABLE_FIELDS = "seq,startedAt,method,status,url,type,responseSize,duration";
const CSV_FIELDS = "session,id,seq,startedAt,method,url,status,type,requestSize,responseSize,duration,error";
/** Rows that give a table its widths, and that leave in one write. */
const BATCH = 500;

export function queryCommand(): Command {
  return addQueryOptions(commonCommand("query", "exchanges of sessions, as a table, JSON or CSV"))
    .alias("ls")
    .optionsGroup("What is shown of them:")
    .addOption(
      new Option("--sort <order>", "by start, or the longest or the largest first")
        .choices(["asc", "desc", "duration", "size"])
        .default("asc"),
    )
    .option("--limit <n>", `at most so many (default: ${TERMINAL_LIMIT} on a terminal, else all)`)
    .option("--offset <n>", "leave out the first so many")
    .option("--count", "only how many there are")
    .option("--fields <names>", "these fields, in this order: seq,status,url")
    .option("--jsonl", "one JSON object a line")
    .option("--csv", "comma-separated values")
    .option("-f, --follow", "go on with a session that is being recorded, until it ends or Ctrl-C")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const choice = choiceOf(await homeOf(flags), words, flags);
  if (flags.follow === true) return await followed(choice, flags);
  const { query } = await import("../operations/query.js");
  const progress = new Progress("reading");
  const limit = limitOf(flags);
  const selection = await query({
    ...choice,
    sort: flags.sort,
    limit: flags.count === true ? 0 : limit,
    offset: flags.offset === undefined ? undefined : parseCount(flags.offset, "--offset", 0),
    onProgress: ({ what, done }) =>
      progress.update(
        done,
        undefined,
        what === "indexing" ? `indexing, ${formatSize(done)}` : `${done} exchanges`,
      ),
  }).finally(() => progress.end());
  try {
    if (flags.count === true) await printCount(selection, flags);
    else await printers(flags)(selection, flags);
    warnOfReports(selection.reports);
  } finally {
    await selection.close();
  }
}

function limitOf(flags: Flags): number | undefined {
  if (flags.limit !== undefined) return parseCount(flags.limit, "--limit", 0);
  const isTable = flags.json !== true && flags.jsonl !== true && flags.csv !== true;
  return isTable && process.stdout.isTTY === true ? TERMINAL_LIMIT : undefined;
}

function printers(flags: Flags): (selection: Selection, flags: Flags) => Promise<void> {
  const wanted = [flags.json, flags.jsonl, flags.csv].filter((each) => each === true).length;
  if (wanted > 1) throw new TrafficError("BAD_OPTION", "--json, --jsonl and --csv exclude each other");
  if (flags.json === true) return printJson;
  if (flags.jsonl === true) return printJsonLines;
  return flags.csv === true ? printCsv : printTable;
}

async function printCount({ total }: Selection, flags: Flags): Promise<void> {
  await writeOut(flags.json === true ? `${JSON.stringify({ total })}\n` : `${total}\n`);
}

async function printJson(selection: Selection, flags: Flags): Promise<void> {
  const toJson = jsonOf(flags);
  await writeOut('{"exchanges":[');
  let separator = "";
  for await (const rows of batches(selection)) {
    await writeOut(`${separator}${rows.map(toJson).join(",")}`);
    separator = ",";
  }
  const { total, given, reports } = selection;
  const damagedLines = reports.reduce((sum, { lines }) => sum + lines.damaged, 0);
  const rest = JSON.stringify({ total, shown: given, damagedLines });
  await writeOut(`],${rest.slice(1)}\n`);
}

async function printJsonLines(selection: Selection, flags: Flags): Promise<void> {
  const toJson = jsonOf(flags);
  for await (const rows of batches(selection)) await writeOut(`${rows.map(toJson).join("\n")}\n`);
  warnOfRest(selection);
}

async function printCsv(selection: Selection, flags: Flags): Promise<void> {
  const fields = fieldsOf(flags.fields ?? CSV_FIELDS);
  await writeOut(csvLine(fields.map(({ name }) => name)));
  const cells = (row: ExchangeRow): string =>
    csvLine(
      fields.map((field) => {
        const value = field.value(row);
        return typeof value === "object" && value !== null ? value.join(" ") : value;
      }),
    );
  for await (const rows of batches(selection)) await writeOut(rows.map(cells).join(""));
  warnOfRest(selection);
}

async function printTable(selection: Selection, flags: Flags): Promise<void> {
  const several = new Set(selection.reports.map(({ source }) => source.label)).size > 1;
  const fields = fieldsOf(flags.fields ?? (several ? `session,${TABLE_FIELDS}` : TABLE_FIELDS));
  const options = await textOptions();
  let body: ((rows: readonly ExchangeRow[]) => string) | undefined;
  for await (const rows of batches(selection)) {
    if (body === undefined) {
      const table = tableOf(fields, rows, options);
      body = table.body;
      await writeOut(table.head);
    }
    await writeOut(body(rows));
  }
  if (selection.total === 0) warn("no exchanges");
  warnOfRest(selection);
}

function tableOf(
  fields: readonly ExchangeField[],
  sample: readonly ExchangeRow[],
  { colours, width }: TextOptions,
): ReturnType<typeof layOutTable<ExchangeRow>> {
  return layOutTable(
    sample,
    fields.map((field) => ({
      title: field.title,
      value: (row: ExchangeRow) => textOf(field, row),
      paint: (text: string, row: ExchangeRow) => paintField(field.name, text, row.facts, colours),
      ...(field.align === undefined ? {} : { align: field.align }),
      ...(field.minWidth === undefined ? {} : { minWidth: field.minWidth }),
    })),
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

/** Nothing is cut without a word. */
function warnOfRest({ total, given }: Selection): void {
  if (given < total) warn(`showing ${given} of ${total}; --limit, --offset and --sort choose others`);
}

async function followed(choice: ReturnType<typeof choiceOf>, flags: Flags): Promise<void> {
  for (const name of ["sort", "limit", "offset", "count"] as const) {
    if (flags[name] !== undefined && !(name === "sort" && flags.sort === "asc"))
      throw new TrafficError(
        "BAD_OPTION",
        `--follow gives exchanges as they end: --${name} has no meaning with it`,
      );
  }
  const { followQuery } = await import("../operations/query.js");
  const left = new AbortController();
  const leave = (): void => left.abort();
  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  try {
    const print = await livePrinter(flags);
    for await (const each of followQuery({ ...choice, signal: left.signal }))
      await writeOut(print(rowOf(each)));
  } finally {
    process.off("SIGINT", leave);
    process.off("SIGTERM", leave);
  }
}

/** A line for each exchange; a table's columns take their widths from the kind of value. */
async function livePrinter(flags: Flags): Promise<(row: ExchangeRow) => string> {
  if (flags.json === true || flags.jsonl === true) {
    const toJson = jsonOf(flags);
    return (row) => `${toJson(row)}\n`;
  }
  if (flags.csv === true || flags.fields !== undefined) {
    const fields = fieldsOf(flags.fields ?? CSV_FIELDS);
    if (flags.csv !== true) return (row) => `${fields.map((field) => textOf(field, row)).join("  ")}\n`;
    return (row) =>
      csvLine(
        fields.map((field) => {
          const value = field.value(row);
          return typeof value === "object" && value !== null ? value.join(" ") : value;
        }),
      );
  }
  const { exchangeLine } = await import("./exchange-line.js");
  const { summaryOf } = await import("../exchange/summary.js");
  const { colours, width } = await textOptions();
  return ({ facts }) => `${exchangeLine(summaryOf(facts), colours, width)}\n`;
}

function jsonOf(flags: Flags): (row: ExchangeRow) => string {
  if (flags.fields === undefined)
    return (row) => JSON.stringify({ session: row.session, ...jsonFacts(row.facts) });
  const fields = fieldsOf(flags.fields);
  return (row) => JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value(row)])));
}

function jsonFacts({ startedAt, ...facts }: ExchangeFacts): object {
  return { ...facts, startedAt: new Date(startedAt).toISOString() };
}

async function* batches(selection: Selection): AsyncGenerator<ExchangeRow[], void, void> {
  let rows: ExchangeRow[] = [];
  for await (const each of selection) {
    rows.push(rowOf(each));
    if (rows.length < BATCH) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

function rowOf({ source, facts }: Selected): ExchangeRow {
  return { session: source.label, facts };
}
