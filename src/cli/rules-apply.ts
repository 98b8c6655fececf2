// `trafficctl rules apply`: rules over a recorded session.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { AppliedRules, ExchangeChange } from "../operations/rules/apply-rules.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { plural } from "./plural.js";
import type { Colours } from "./print.js";
import { printable } from "./printable.js";
import { contentText, countsText, totalsText } from "./rule-messages-text.js";
import { stopSignal } from "./stop-signal.js";
import type { TextOptions } from "./text-options.js";

interface Flags extends CommonOptions {
  readonly output?: string;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
}

const EXAMPLES = `
The new session is what would have been recorded with these rules: the requests as they came, with what would have gone on,
and the responses as the client would have got them. Nothing is sent; what an origin would say to a changed request is not
known. Of a WebSocket it has the messages that the client sent, and those that it would have got. Tunnels stay as they are: in
traffic no rule is asked about them either.

Examples:
  $ trafficctl rules apply rules.yaml last -o changed
  $ trafficctl rules apply rules.yaml last '~d api.example.com' --dry-run --diff
`;

export function applyCommand(): Command {
  return commonCommand("apply", "apply a rule file to a recorded session, into a new one")
    .argument("<file>", "a rule file; - is standard input")
    .argument("[words...]", "sessions, then a filter; default: last")
    .usage("[options] FILE [SESSION...] [FILTER]")
    .option("-o, --output <name>", "name of the new session")
    .option("--dry-run", "write nothing")
    .option("--diff", "what is other in each exchange")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(file: string, words: readonly string[], flags: Flags): Promise<void> {
  if ((flags.output === undefined) !== (flags.dryRun === true)) {
    throw new TrafficError("USAGE", "apply writes a new session, or with --dry-run none", {
      hint: "name the session with -o NAME, or give --dry-run",
    });
  }
  const { applyRules } = await import("../operations/rules/apply-rules.js");
  using stop = stopSignal();
  const home = await homeOf(flags);
  const applied = await applyRules({ home, files: [file], words, into: flags.output, signal: stop.signal });
  const { changes, ...report } = applied;
  await printResult(flags, flags.diff === true ? applied : report, (text) => {
    const diff = flags.diff === true ? changes.map((change) => changeText(change, text)).join("") : "";
    return `${diff}${reportText(applied, text)}`;
  });
}

function changeText(
  { seq, method, url, rules, differences, messages, notes }: ExchangeChange,
  { colours }: TextOptions,
): string {
  const head = `${colours.bold(`${seq} ${printable(method)} ${printable(url)}`)} ${colours.dim(rules.map(printable).join(", "))}`;
  const lines = differences.flatMap(({ of, before, after }) => [
    ...(before === null ? [] : [colours.red(`  - ${of}: ${printable(before)}`)]),
    ...(after === null ? [] : [colours.green(`  + ${of}: ${printable(after)}`)]),
  ]);
  const ofMessages = messages === undefined ? [] : messageLines(messages, colours);
  return [head, ...lines, ...ofMessages, ...notes.map((note) => `  note: ${printable(note)}`), "", ""].join(
    "\n",
  );
}

/** Those that are told one by one, then the counts. */
function messageLines(messages: NonNullable<ExchangeChange["messages"]>, colours: Colours): string[] {
  const lines = messages.changes.flatMap(({ seq, direction, before, after }) => {
    const way = direction === "send" ? "to the server" : "to the client";
    const what = before === null ? `behind message ${seq}, ${way}:` : `message ${seq}, ${way}:`;
    return [
      ...(before === null ? [] : [colours.red(`  - ${what} ${contentText(before)}`)]),
      ...(after === null ? [] : [colours.green(`  + ${what} ${contentText(after)}`)]),
    ];
  });
  const rules = messages.rules.map((rule) => `    ${printable(rule.name)}: ${countsText(rule)}`);
  return [...lines, `  ${totalsText(messages)}`, ...rules];
}

function reportText(
  { session, exchanges, changed, leftOut, tunnels, messages, rules }: AppliedRules,
  { colours }: TextOptions,
): string {
  const width = Math.max(0, ...rules.map(({ name }) => printable(name).length));
  const each = rules.map(({ name, matched, acted, messages: of }) => {
    const did = of.changed + of.dropped + of.injected === 0 ? "" : `; messages: ${countsText(of)}`;
    return `  ${printable(name).padEnd(width)}  matched ${matched}, acted on ${acted}${did}`;
  });
  const out = leftOut === 0 ? "" : `, ${leftOut} left out`;
  const written =
    session === undefined
      ? colours.dim("nothing was written")
      : `${colours.bold(session.id)}  ${colours.dim(session.path)}`;
  return [
    `rules acted on ${changed} of ${plural(exchanges, "exchange")}${out}`,
    ...each,
    ...(messages.seen + messages.unseen === 0 ? [] : [totalsText(messages)]),
    ...(tunnels === 0 ? [] : [`${plural(tunnels, "tunnel")} left as they are: no rule is asked about them`]),
    written,
    "",
  ].join("\n");
}
