// The command line: finds the command, loads it, and turns whatever goes wrong into one message and an exit code.
import { Command, CommanderError } from "commander";
import { TrafficError, toTrafficError } from "../errors.js";
import { nearNames } from "../near-names.js";
import { VERSION } from "../version.js";
import { EXIT, exitCodeOf } from "./exit-code.js";

/** A command, and how its module is loaded when it is the one that runs: `--help` and `--version` load none, and stay fast. */
interface CommandEntry {
  readonly name: string;
  readonly alias?: string;
  readonly usage?: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: "record",
    usage: "[options] [-- command args...]",
    summary: "record the traffic of a command, or of any client that uses the proxy",
    load: async () => (await import("./record.js")).recordCommand(),
  },
  {
    name: "query",
    alias: "ls",
    usage: "[SESSION...] [FILTER]",
    summary: "exchanges as a table, JSON or CSV",
    load: async () => (await import("./query.js")).queryCommand(),
  },
  {
    name: "show",
    usage: "[SESSION] ID",
    summary: "one exchange: heads, decoded bodies, timings, messages",
    load: async () => (await import("./show.js")).showCommand(),
  },
  {
    name: "search",
    usage: "[options] [SESSION...] PATTERN",
    summary: "a text in URLs, headers, bodies and messages",
    load: async () => (await import("./search.js")).searchCommand(),
  },
  {
    name: "stats",
    usage: "[SESSION...] [FILTER]",
    summary: "counts, sizes, durations and errors",
    load: async () => (await import("./stats.js")).statsCommand(),
  },
  {
    name: "export",
    usage: "[options] [SESSION...] [FILTER]",
    summary: "exchanges as a HAR, redacted",
    load: async () => (await import("./export.js")).exportCommand(),
  },
  {
    name: "import",
    usage: "[options] FILE...",
    summary: "HAR files as a session",
    load: async () => (await import("./import.js")).importCommand(),
  },
  {
    name: "validate",
    usage: "[options] FILE",
    summary: "check a HAR file",
    load: async () => (await import("./validate.js")).validateCommand(),
  },
  {
    name: "redact",
    usage: "[options] -o NAME [SESSION...] [FILTER]",
    summary: "a session without its secrets",
    load: async () => (await import("./redact.js")).redactCommand(),
  },
  {
    name: "replay",
    usage: "[options] [SESSION...] [FILTER]",
    summary: "send recorded requests again, and compare",
    load: async () => (await import("./replay.js")).replayCommand(),
  },
  {
    name: "serve",
    usage: "[options] FROM... [-- command args...]",
    summary: "answer from a recording, with no origin",
    load: async () => (await import("./serve.js")).serveCommand(),
  },
  {
    name: "fixtures",
    usage: "[options] [SESSION...] [FILTER]",
    summary: "a redacted recording for version control",
    load: async () => (await import("./fixtures.js")).fixturesCommand(),
  },
  {
    name: "send",
    usage: "[options] URL",
    summary: "send a new request, recorded",
    load: async () => (await import("./send.js")).sendCommand(),
  },
  {
    name: "duplicate",
    usage: "[options] SESSION ID",
    summary: "copy an exchange without sending it",
    load: async () => (await import("./duplicate.js")).duplicateCommand(),
  },
  {
    name: "diff",
    usage: "[options] BEFORE AFTER [FILTER]",
    summary: "two sessions, endpoint by endpoint",
    load: async () => (await import("./diff.js")).diffCommand(),
  },
  {
    name: "merge",
    usage: "[options] -o NAME SESSION... [FILTER]",
    summary: "several sessions as one",
    load: async () => (await import("./merge.js")).mergeCommand(),
  },
  {
    name: "rm",
    usage: "SESSION...",
    summary: "remove sessions from the disk",
    load: async () => (await import("./sessions.js")).removeCommand(),
  },
  {
    name: "status",
    summary: "the proxies that run",
    load: async () => (await import("./status.js")).statusCommand(),
  },
  {
    name: "set",
    usage: "[SESSION] [NAME=VALUE...]",
    summary: "change an option of a running proxy",
    load: async () => (await import("./set.js")).setCommand(),
  },
  {
    name: "stop",
    usage: "[SESSION]",
    summary: "stop a running proxy",
    load: async () => (await import("./stop.js")).stopCommand(),
  },
  {
    name: "mcp",
    summary: "serve everything to agents (Model Context Protocol)",
    load: async () => (await import("./mcp.js")).mcpCommand(),
  },
  {
    name: "rules",
    usage: "check|test|apply|list|add|update|remove|enable|disable",
    summary: "change, mock, break and pause traffic",
    load: async () => (await import("./rules.js")).rulesCommand(),
  },
  {
    name: "intercept",
    usage: "set|list|show|edit|resume|drop",
    summary: "hold exchanges at breakpoints, and let them go",
    load: async () => (await import("./intercept.js")).interceptCommand(),
  },
  {
    name: "filters",
    summary: "the filter language",
    load: async () => (await import("./filters.js")).filtersCommand(),
  },
  {
    name: "sessions",
    usage: "list|show|delete|recover|path",
    summary: "the recordings on disk",
    load: async () => (await import("./sessions.js")).sessionsCommand(),
  },
  {
    name: "ca",
    usage: "path|show|export|install|uninstall|rotate",
    summary: "the certificate authority that clients have to trust",
    load: async () => (await import("./ca.js")).caCommand(),
  },
  {
    name: "env",
    usage: "[options]",
    summary: "print the variables that bring a terminal's programs to the proxy",
    load: async () => (await import("./env.js")).envCommand(),
  },
];

const EXAMPLES = `
Examples:
  trafficctl record -- curl https://example.com   record one command
  trafficctl record                               record whatever uses the proxy, until Ctrl-C
  eval "$(trafficctl env)"                        bring this terminal's programs to it
  trafficctl query '~c 5xx'                       server errors of the last session
  trafficctl show 3 --curl                        its third exchange, as a command that sends it again
  trafficctl export -o traffic.har                for Chrome's Network panel, secrets replaced
`;

/** @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 a check did not hold, or the recorded command's own. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on("error", endOnClosedPipe);
  const name = argv[2];
  const entry = COMMANDS.find(
    (command) => command.name === name || (name !== undefined && command.alias === name),
  );
  try {
    const program = baseProgram();
    for (const command of COMMANDS) {
      if (command === entry) program.addCommand(await command.load());
      else program.addCommand(placeholder(command));
    }
    applyToAll(program, (command) => {
      command.exitOverride().showHelpAfterError("(--help shows the options)");
    });
    await program.parseAsync([...argv]);
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.done;
  } catch (error) {
    return await report(error);
  }
}

function baseProgram(): Command {
  const program = new Command("trafficctl")
    .description("Records what programs say to servers: a MITM proxy with sessions on disk and HAR tooling.")
    .version(VERSION, "-V, --version")
    .enablePositionalOptions()
    .addHelpText("after", EXAMPLES);
  program.action(() => {
    program.outputHelp();
  });
  program.allowExcessArguments(true).hook("preAction", (_root, action) => {
    const [unknown] = program.args;
    if (action === program && unknown !== undefined) throw unknownCommand(unknown);
  });
  return program;
}

function placeholder(entry: CommandEntry): Command {
  const command = new Command(entry.name).summary(entry.summary).description(entry.summary);
  if (entry.alias !== undefined) command.alias(entry.alias);
  return entry.usage === undefined ? command : command.usage(entry.usage);
}

function applyToAll(command: Command, apply: (command: Command) => void): void {
  apply(command);
  for (const child of command.commands) applyToAll(child, apply);
}

function unknownCommand(name: string): TrafficError {
  const near = nearNames(
    name,
    COMMANDS.map((command) => command.name),
  );
  const hint =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : "trafficctl --help lists the commands";
  return new TrafficError("USAGE", `there is no command '${name}'`, { hint });
}

/** Commander has printed its own message by then; everything else is printed here. */
async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const known = toTrafficError(error);
  const { coloursFor, formatError } = await import("./print.js");
  process.stderr.write(formatError(known, coloursFor(process.stderr)));
  if (isDebugging()) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodeOf(known.code);
}

function isDebugging(): boolean {
  const position = process.argv.indexOf("--log-level");
  return position !== -1 && ["debug", "trace"].includes(process.argv[position + 1] ?? "");
}

/** `trafficctl ... | head` ends quietly, as other tools do. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT.done);
  throw error;
}
