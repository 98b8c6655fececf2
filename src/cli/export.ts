// `trafficctl export`: exchanges as a HAR, redacted.
import { createInterface } from "node:readline";
import { type Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import type { ExportInput, ExportReport } from "../operations/export-har.js";
import type { Sort } from "../operations/query.js";
import { redactionOf, reportExport } from "./export-report.js";
import { keepHeapSmall } from "./heap.js";
import { type CommonOptions, commonCommand, homeOf } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, parseCount, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { parseSize } from "./units.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly output?: string;
  readonly format: keyof typeof FORMATS;
  readonly sort: Sort;
  readonly limit?: string;
  readonly bodies: boolean;
  readonly maxBody?: string;
  readonly ids?: string;
  readonly redact: boolean;
  readonly policy?: string;
}

/** Formats that `--format` takes. Others will stand beside HAR. */
const FORMATS = {
  har: async (input: ExportInput): Promise<ExportReport> =>
    await (await import("../operations/export-har.js")).exportHar(input),
} as const;

const EXAMPLES = `${SESSION_HELP}
Secrets are replaced by REDACTED-1, REDACTED-2 and so on, equal ones alike: docs/redaction.md says which, and how a
policy file adds and takes away.

Examples:
  $ trafficctl export -o traffic.har                       the last session, for Chrome's Network panel
  $ trafficctl export last '~d api.example.com' -o api.har.gz
  $ trafficctl export last --status 5xx | jq '.log.entries[].request.url'
  $ trafficctl query last '~b order' --jsonl --fields id | trafficctl export last --ids - -o orders.har
`;

export function exportCommand(): Command {
  return addQueryOptions(commonCommand("export", "exchanges as a HAR 1.2, redacted"))
    .optionsGroup("What is written of them, and where:")
    .option("-o, --output <file>", "a file: .har, .har.gz or .zhar; '-' is stdout, as without it in a pipe")
    .addOption(
      new Option("--format <format>", "what is written").choices(Object.keys(FORMATS)).default("har"),
    )
    .addOption(
      new Option("--sort <order>", "by start").choices(["asc", "desc", "duration", "size"]).default("asc"),
    )
    .option("--limit <n>", "at most so many")
    .option("--ids <file>", "only the exchanges whose ids this file has, one a line; '-' is stdin")
    .option("--no-bodies", "leave the bodies out")
    .option("--max-body <size>", "of each body at most so much")
    .option("--policy <file>", "redaction policy (YAML or JSON) on top of the built-in one")
    .option("--no-redact", "write cookies, tokens and passwords as they were sent")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const toStdout = flags.output === undefined || flags.output === "-";
  if (toStdout && flags.output === undefined && process.stdout.isTTY === true) {
    throw new TrafficError("BAD_OPTION", "a HAR is no reading for a terminal", {
      hint: "write it to a file with -o traffic.har, or to stdout with -o -",
    });
  }
  if (toStdout && flags.json === true) {
    throw new TrafficError("BAD_OPTION", "--json reports on a file: it needs -o FILE");
  }
  const ids = flags.ids === undefined ? undefined : await readIds(flags.ids);
  const redact = await redactionOf(flags);
  using _heap = keepHeapSmall();
  const progress = new Progress("exporting");
  const report = await FORMATS[flags.format]({
    ...choiceOf(await homeOf(flags), words, flags),
    output: toStdout ? process.stdout : (flags.output ?? "-"),
    sort: flags.sort,
    limit: flags.limit === undefined ? undefined : parseCount(flags.limit, "--limit", 0),
    bodies: flags.bodies,
    maxBody: flags.maxBody === undefined ? undefined : parseSize(flags.maxBody, "--max-body"),
    ids,
    ...(redact === undefined ? {} : { redact }),
    onExported: ({ what, done, total }) => progress.update(done, total, `${what}, ${done} of ${total}`),
  }).finally(() => progress.end());
  if (flags.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else reportExport(report);
}

/** Lines of ids, or of JSON objects with an `id`, as `query --jsonl` writes them. */
async function readIds(file: string): Promise<string[]> {
  const { createReadStream } = await import("node:fs");
  const input = file === "-" ? process.stdin : createReadStream(file);
  const ids: string[] = [];
  try {
    for await (const line of createInterface({ input })) {
      const text = line.trim();
      if (text !== "") ids.push(idIn(text));
    }
  } catch (cause) {
    if (cause instanceof TrafficError) throw cause;
    throw new TrafficError("FILE_NOT_FOUND", `cannot read the ids in ${file}`, { cause });
  }
  return ids;
}

function idIn(text: string): string {
  if (/^[0-9A-Za-z]{26}$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return value;
    if (typeof value === "object" && value !== null && "id" in value && typeof value.id === "string")
      return value.id;
  } catch {
    // Said below.
  }
  throw new TrafficError("BAD_OPTION", `--ids: '${text.slice(0, 80)}' is no id`, {
    hint: "one id a line, or JSON with an id: trafficctl query --jsonl --fields id",
  });
}
