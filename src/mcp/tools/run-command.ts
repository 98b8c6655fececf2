// A command whose traffic is recorded, for as long as the call.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { RunningRecording } from "../../operations/record.js";
import { runCollected } from "../../operations/run-collected.js";
import { tellingElapsed } from "../elapsed.js";
import { RESULT } from "../kept-pages.js";
import { COUNT, FLAG, TEXT } from "../output.js";
import { Refusal } from "../refusal.js";
import { ADDS, defineTool, type Tool, type ToolContext } from "../tool.js";
import { assertUnused, RECORDING, recordOptionsOf } from "./capture-options.js";
import { outputOf } from "./command-output.js";

const WAIT_MS = 20;
const MOST_WAIT_MS = 500;

const runCommand = defineTool({
  name: "run_command",
  title: "Run a command with its traffic recorded",
  toolset: "capture",
  description:
    "Runs a program on this machine with the variables set that bring its HTTP and HTTPS traffic to a proxy, and answers with its exit code, what it printed, and the session with its exchanges. Uses the proxy of this client where one runs, else one of its own for as long as the command runs. Use it for tests, scripts and curl; the program is started directly, without a shell and without input. Needs a server started with --allow-exec. Ends the command after `timeoutSeconds`. Programs that ignore proxy variables are not recorded.",
  input: {
    command: z.string().min(1).max(4096).describe("Program: a name found by PATH, or a path"),
    args: z.array(z.string().max(100_000)).max(1000).default([]).describe("Its arguments, one by one"),
    cwd: z
      .string()
      .max(4096)
      .exactOptional()
      .describe("Folder inside the roots to run it in; default that of the server"),
    env: z
      .record(z.string().regex(/^[^=\0]+$/), z.string())
      .exactOptional()
      .describe("Further variables"),
    timeoutSeconds: z.number().min(1).max(600).default(60).describe("Default 60, at most 600"),
    ...RECORDING,
  },
  output: {
    exitCode: COUNT,
    timedOut: FLAG,
    session: TEXT,
    exchanges: COUNT,
    output: TEXT.describe("Its end, where not all fits"),
    outputLines: COUNT,
    outputBytesLeftOut: COUNT.exactOptional(),
    result: RESULT,
  },
  effects: { ...ADDS, destructiveHint: true, openWorldHint: true },
  run: async ({ command, args, cwd, env = {}, timeoutSeconds, ...input }, context) => {
    if (!context.settings.allowExec) {
      throw new Refusal(
        "this server may not run commands",
        "the user can start it with `trafficctl mcp --allow-exec`; or run the command elsewhere with the variables of get_environment after start_capture",
      );
    }
    const folder = cwd === undefined ? undefined : await context.roots.readable(cwd);
    const running = context.captures.own;
    // What stands for a server is no proxy.
    const own = running?.recording.reverse === undefined ? running : undefined;
    if (own !== undefined) assertUnused(input, own.recording.session.id);
    const options = await recordOptionsOf(input, context, input.port ?? 0);
    const { recording } = own ?? (await context.captures.open(options));
    try {
      const { prepareEnvironment } = await import("../../operations/environment.js");
      const base = { ...process.env, ...env };
      const variables = await prepareEnvironment({
        home: context.settings.home,
        caCertPath: recording.ca.certPath,
        proxyUrl: recording.urlWithCredentials,
        base,
      });
      const before = recording.counts().exchanges;
      using _telling = tellingElapsed(context, timeoutSeconds);
      const ended = await runCollected({
        command,
        args,
        env: { ...base, ...variables },
        cwd: folder,
        timeoutMs: timeoutSeconds * 1000,
        signal: context.signal,
      });
      if (own === undefined) await recording.stop();
      else await onDisk(recording, context);
      const exchanges = recording.counts().exchanges - before;
      return outputOf(ended, { session: recording.session.id, exchanges, timeoutSeconds }, context);
    } finally {
      if (own === undefined) await recording.stop(0);
    }
  },
});

/** Lines are written in batches: who asks next for what the command did shall find it. */
async function onDisk({ session, counts }: RunningRecording, { settings }: ToolContext): Promise<void> {
  const { query } = await import("../../operations/query.js");
  for (let waited = 0; waited < MOST_WAIT_MS; waited += WAIT_MS) {
    const selection = await query({ home: settings.home, words: [session.path], limit: 0 });
    await selection.close();
    if (selection.total >= counts().exchanges) return;
    await sleep(WAIT_MS);
  }
}

export const RUN_COMMAND_TOOLS: readonly Tool[] = [runCommand];
