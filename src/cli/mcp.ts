// `trafficctl mcp`: the Model Context Protocol server, for agents.
import { Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import { createLogger, LOG_LEVELS, type LogLevel } from "../log.js";
import { homeOf, writeOut } from "./output.js";
import { parseCount } from "./query-options.js";
import { stopSignal } from "./stop-signal.js";
import { parseDuration } from "./units.js";

interface Flags {
  readonly http?: boolean;
  readonly port: string;
  readonly toolsets?: string;
  readonly root?: readonly string[];
  readonly allowExec?: boolean;
  readonly allowSend?: boolean;
  readonly redact: boolean;
  readonly budget: string;
  readonly clientTimeout: string;
  readonly home?: string;
  readonly json?: boolean;
  readonly logLevel: LogLevel;
}

const EXAMPLES = `
Clients start it themselves; docs/mcp.md has the lines for Claude Code, Claude Desktop, Cursor and VS Code:
  $ claude mcp add trafficctl -- trafficctl mcp

Examples:
  $ trafficctl mcp --toolsets capture,query,har          fewer tools
  $ trafficctl mcp --allow-exec --root ~/project         may run commands, and use files of the project
  $ trafficctl mcp --http --port 3001                    for several clients; the token is printed once
`;

export function mcpCommand(): Command {
  return new Command("mcp")
    .description("serve everything to agents (Model Context Protocol), over stdin and stdout or HTTP")
    .option("--http", "streamable HTTP on 127.0.0.1, with a bearer token, instead of stdin and stdout")
    .option("-p, --port <number>", "with --http: its port; 0 takes a free one", "3001")
    .option("--client-timeout <time>", "with --http: a client that is gone for so long has ended", "60s")
    .option("--toolsets <names>", "load these tools only: capture,query,har,replay,rules,intercept,serve")
    .option(
      "--root <dir>",
      "a folder that files may be in; may be repeated (default: home and working directory)",
      collect,
    )
    .option("--allow-exec", "commands may be run")
    .option("--allow-send", "requests may go to hosts that were not recorded, and change something")
    .option("--no-redact", "show cookies, tokens and passwords as they were sent")
    .option("--budget <characters>", "most characters of an answer", "24000")
    .option("--home <dir>", "home folder (default: TRAFFICCTL_HOME, or the platform's folder for user data)")
    .option("--json", "with --http: print the ready line as JSON on stdout")
    .addOption(
      new Option("--log-level <level>", "what the log on stderr has").choices(LOG_LEVELS).default("warn"),
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { startHttp, startStdio, TOOLSETS, SMALLEST_BUDGET } = await loadServer();
  using stop = stopSignal();
  const input = {
    settings: {
      home: await homeOf(flags),
      toolsets: namesOf(flags.toolsets, TOOLSETS),
      allowExec: flags.allowExec === true,
      allowSend: flags.allowSend === true,
      redact: flags.redact,
      budget: parseCount(flags.budget, "--budget", SMALLEST_BUDGET),
    },
    roots: flags.root,
    log: createLogger(flags.logLevel),
    signal: stop.signal,
  };
  if (flags.http !== true) return await startStdio(input);
  await startHttp({
    ...input,
    port: portOf(flags.port),
    idleMs: parseDuration(flags.clientTimeout, "--client-timeout"),
    onReady: ({ url, tokenPath, token }) => {
      if (flags.json === true)
        void writeOut(`${JSON.stringify({ event: "ready", url, tokenPath, token })}\n`);
      process.stderr.write(`MCP server at ${url}\n`);
      process.stderr.write(
        token === undefined
          ? `The bearer token is in ${tokenPath}\n`
          : `Bearer token, shown once and kept in ${tokenPath}:\n  ${token}\n`,
      );
    },
  });
}

/** @throws FILE_NOT_FOUND where the SDK, which is optional, was not installed */
async function loadServer() {
  try {
    await import("@modelcontextprotocol/sdk/types.js");
  } catch (cause) {
    throw new TrafficError("FILE_NOT_FOUND", "the package @modelcontextprotocol/sdk is not installed", {
      hint: "install it beside trafficctl: npm install -g @modelcontextprotocol/sdk (without -g where trafficctl is a project's own)",
      cause,
    });
  }
  const { startHttp, startStdio } = await import("../mcp/start.js");
  const { SMALLEST_BUDGET, TOOLSETS } = await import("../mcp/settings.js");
  return { startHttp, startStdio, TOOLSETS, SMALLEST_BUDGET };
}

function namesOf<Name extends string>(text: string | undefined, names: readonly Name[]): ReadonlySet<Name> {
  if (text === undefined) return new Set(names);
  const chosen = text.split(",").map((each) => each.trim());
  const known = names.filter((name) => chosen.includes(name));
  const unknown = chosen.find((each) => !names.some((name) => name === each));
  if (unknown === undefined) return new Set(known);
  throw new TrafficError("BAD_OPTION", `--toolsets: there is no '${unknown}'`, {
    hint: `these are: ${names.join(", ")}`,
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new TrafficError("BAD_OPTION", `--port ${text} is no port`, {
    hint: "give a number from 0 to 65535",
  });
}

function collect(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}
