// Captures that last as long as the call: some seconds of traffic, or one command.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { RunningRecording } from "../../operations/record.js";
import { sourceOf } from "../choice.js";
import { type ListPage, listPage } from "../list-page.js";
import { Refusal } from "../refusal.js";
import { runCollected } from "../run-collected.js";
import { ADDS, defineTool, type Tool, type ToolContext } from "../tool.js";
import { RECORDING, recordOptionsOf } from "./capture-options.js";
import { outputOf } from "./command-output.js";

const PAGE = 200;
const WAIT_MS = 20;
const MOST_WAIT_MS = 500;

const captureTraffic = defineTool({
  name: "capture_traffic",
  title: "Capture traffic for some seconds",
  toolset: "capture",
  description:
    "Waits for some seconds (default 5, at most 30) and answers with every exchange of that time, unanswered ones too. Watches the proxy of this client where one runs, or the one of `session`; else a proxy is started on `port` for so long, recorded into a session that stays on disk, and always stopped. Clients have to use the proxy meanwhile: use it while something else sends requests; for a single command use run_command, and start_capture for anything longer. The options that choose what is recorded hold for a proxy of its own only.",
  input: {
    seconds: z.number().min(0.1).max(30).default(5).describe("How long; default 5, at most 30"),
    ...RECORDING,
    port: RECORDING.port.describe("Port of a proxy of its own; default 8080"),
    maxExchanges: RECORDING.maxExchanges.describe("Keep the last N exchanges; default 100"),
    session: z
      .string()
      .min(1)
      .max(4096)
      .exactOptional()
      .describe("Session of a running proxy to watch instead"),
  },
  effects: { ...ADDS, openWorldHint: true },
  run: async ({ seconds, session: watched, ...input }, context) => {
    const session = watched === undefined ? context.captures.own?.recording.session.id : watched;
    if (session !== undefined) return await watch(await sourceOf(session, context), seconds, context);
    const options = await recordOptionsOf(
      { ...input, maxExchanges: input.maxExchanges ?? 100 },
      context,
      input.port ?? 8080,
    );
    const { recording, ended } = await context.captures.open(options);
    try {
      await Promise.race([pause(seconds, context), ended]);
    } finally {
      // Those that have no answer by now are recorded as such.
      await recording.stop(0);
    }
    const { dropped } = recording.counts();
    const about = `Captured for ${seconds} s at ${recording.url} into session ${recording.session.id}.`;
    const gone = dropped === 0 ? "" : ` ${dropped} older ones were dropped (maxExchanges).`;
    return await listPage(pageOf(recording.session.id, {}, context, `${about}${gone}`), context);
  },
});

async function watch(session: string, seconds: number, context: ToolContext) {
  const { proxyStatus } = await import("../../operations/status.js");
  const from = new Date().toISOString();
  await pause(seconds, context);
  const running = await proxyStatus({ home: context.settings.home });
  const proxy = running.find((each) => each.session === session);
  const active = proxy?.state === "running" ? proxy.active : 0;
  const about = `Watched session ${session} for ${seconds} s.${active === 0 ? "" : ` ${active} exchanges are still under way: they are listed when they end.`}`;
  return await listPage(pageOf(session, { from }, context, about, { underWay: active }), context);
}

/** Further pages are had from list_exchanges, whose cursor it gives. */
function pageOf(
  session: string,
  { from }: { readonly from?: string },
  { settings }: ToolContext,
  about: string,
  data: Readonly<Record<string, unknown>> = {},
): ListPage {
  const args = { session, sort: "asc", ...(from === undefined ? {} : { from }) };
  return {
    tool: "list_exchanges",
    args,
    query: { home: settings.home, words: [session], ...(from === undefined ? {} : { flags: { from } }) },
    offset: 0,
    limit: PAGE,
    about: ({ total, nextCursor }) => ({
      text: `${about} ${total ?? 0} exchanges.${nextCursor === null ? "" : ` The rest: list_exchanges with ${JSON.stringify(args)} and the cursor.`}`,
      data: {
        session,
        ...data,
        ...(nextCursor === null
          ? {}
          : { next: { tool: "list_exchanges", arguments: { ...args, cursor: nextCursor } } }),
      },
    }),
  };
}

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

async function pause(seconds: number, { signal }: ToolContext): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal });
}

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
  effects: { ...ADDS, destructiveHint: true, openWorldHint: true },
  run: async ({ command, args, cwd, env = {}, timeoutSeconds, ...input }, context) => {
    if (!context.settings.allowExec) {
      throw new Refusal(
        "this server may not run commands",
        "the user can start it with `trafficctl mcp --allow-exec`; or run the command elsewhere with the variables of get_environment after start_capture",
      );
    }
    const folder = cwd === undefined ? undefined : await context.roots.readable(cwd);
    const options = await recordOptionsOf(input, context, input.port ?? 0);
    const { own } = context.captures;
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

export const CAPTURE_TRAFFIC_TOOLS: readonly Tool[] = [captureTraffic, runCommand];
