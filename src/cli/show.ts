// `trafficctl show`: one exchange for a person, as JSON, as its bytes, or as a command that sends it again.
import { type Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import type { ShowInput } from "../operations/show.js";
import { type CommonOptions, commonCommand, homeOf, textOptions, warn, writeOut } from "./output.js";
import { page } from "./pager.js";
import { describeExchange, type ShownParts } from "./show/exchange-text.js";

interface Flags extends CommonOptions {
  readonly request?: boolean;
  readonly response?: boolean;
  readonly headers?: boolean;
  readonly body?: boolean;
  readonly encoded?: boolean;
  readonly raw?: boolean;
  readonly curl?: boolean;
  readonly httpie?: boolean;
  readonly fetch?: boolean;
  readonly python?: boolean;
  readonly pager: boolean;
}

const SNIPPETS = ["curl", "httpie", "fetch", "python"] as const;

const EXAMPLES = `
SESSION is as for 'trafficctl query', 'last' where it is left out. ID is the exchange's number in its session, its id, or
a beginning of the id that no other has.

Examples:
  $ trafficctl show 3                          the third exchange of the last session
  $ trafficctl show last 3 --body | jq .       the decoded body of its response
  $ trafficctl show last 3 --request --body    the decoded body of its request
  $ trafficctl show last 3 --curl | sh         sends it again
  $ trafficctl show smoke 01K9XG3 --json
`;

export function showCommand(): Command {
  return commonCommand("show", "one exchange: heads, decoded bodies, timings, messages")
    .argument("<words...>", "a session, and the number or id of an exchange")
    .usage("[options] [SESSION] ID")
    .option("--request", "only the request")
    .option("--response", "only the response")
    .option("--headers", "no bodies")
    .option(
      "--body",
      "the decoded bytes of the response's body (with --request: the request's), nothing else",
    )
    .option("--encoded", "with --body: its content coding untouched")
    .option("--raw", "heads and bodies as they were sent, content coding untouched")
    .option("--curl", "a curl command line that sends the request again")
    .option("--httpie", "the same for HTTPie")
    .option("--fetch", "the same as JavaScript")
    .option("--python", "the same as Python")
    .addOption(new Option("--no-pager", "print directly, however long it is"))
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const input = inputOf(words, await homeOf(flags));
  const snippet = oneOf(flags);
  if (snippet !== undefined) return await printSnippet(input, snippet, flags);
  if (flags.body === true) return await printBody(input, flags);
  if (flags.raw === true) return await printRaw(input, flags);
  const { show } = await import("../operations/show.js");
  const shown = await show(input);
  if (flags.json === true) return await writeOut(`${JSON.stringify(shown)}\n`);
  await page(describeExchange(shown, partsOf(flags), await textOptions()), {
    env: process.env,
    wanted: flags.pager,
  });
}

function inputOf(words: readonly string[], home: string): ShowInput {
  const [first = "", second, ...rest] = words;
  if (rest.length > 0) {
    throw new TrafficError("USAGE", "show takes one session and one exchange", {
      hint: "`trafficctl query` shows several",
    });
  }
  return second === undefined
    ? { home, session: "last", exchange: first }
    : { home, session: first, exchange: second };
}

function oneOf(flags: Flags): (typeof SNIPPETS)[number] | undefined {
  const wanted = [...SNIPPETS, "body", "raw", "json"].filter((name) => flags[name as keyof Flags] === true);
  if (wanted.length > 1) {
    throw new TrafficError(
      "BAD_OPTION",
      `${wanted.map((name) => `--${name}`).join(" and ")} exclude each other`,
    );
  }
  return SNIPPETS.find((name) => flags[name] === true);
}

function partsOf({ request, response, headers }: Flags): ShownParts {
  const all = request !== true && response !== true;
  return {
    facts: all,
    request: all || request === true,
    response: all || response === true,
    bodies: headers !== true,
  };
}

async function printSnippet(input: ShowInput, kind: (typeof SNIPPETS)[number], flags: Flags): Promise<void> {
  const { snippet } = await import("../operations/snippet.js");
  const { text, warnings } = await snippet({ ...input, kind });
  for (const warning of warnings) warn(`warning: ${warning}`);
  await writeOut(flags.json === true ? `${JSON.stringify({ text })}\n` : `${text}\n`);
}

async function printBody(input: ShowInput, flags: Flags): Promise<void> {
  const { writeBody } = await import("../operations/show-bytes.js");
  const { warnings } = await writeBody(
    { ...input, side: sideOf(flags), encoded: flags.encoded === true },
    writeOut,
  );
  for (const warning of warnings) warn(`warning: ${warning}`);
}

async function printRaw(input: ShowInput, flags: Flags): Promise<void> {
  const { writeRaw } = await import("../operations/show-bytes.js");
  const { request, response } = partsOf(flags);
  const { warnings } = await writeRaw({ ...input, request, response }, writeOut);
  for (const warning of warnings) warn(`warning: ${warning}`);
}

function sideOf({ request, response }: Flags): "request" | "response" {
  if (request === true && response === true) {
    throw new TrafficError("BAD_OPTION", "--body gives one body: --request or --response");
  }
  return request === true ? "request" : "response";
}
