// Captures that last as long as the call: some seconds of traffic.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { PageFacts } from "../budget.js";
import { sourceOf } from "../choice.js";
import { tellingElapsed } from "../elapsed.js";
import { EXCHANGES, listPage } from "../list-page.js";
import { COUNT, OBJECT, TEXT } from "../output.js";
import { ADDS, defineTool, type Tool, type ToolContext } from "../tool.js";
import { assertUnused, RECORDING, recordOptionsOf } from "./capture-options.js";

const PAGE = 200;

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
  output: {
    session: TEXT,
    underWay: COUNT.exactOptional().describe("Of a proxy that was watched: not listed yet"),
    next: z
      .object({ tool: TEXT, arguments: OBJECT })
      .exactOptional()
      .describe("The call that gives the rest"),
    ...EXCHANGES,
  },
  effects: { ...ADDS, openWorldHint: true },
  run: async ({ seconds, session: watched, ...input }, context) => {
    const session = watched === undefined ? context.captures.own?.recording.session.id : watched;
    if (session !== undefined) {
      assertUnused(input, session);
      return await watch(await sourceOf(session, context), seconds, context);
    }
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
  data: { readonly underWay?: number } = {},
) {
  const rest = "list_exchanges";
  const args = { session, sort: "asc", ...(from === undefined ? {} : { from }) };
  return {
    tool: rest,
    args,
    query: { home: settings.home, words: [session], ...(from === undefined ? {} : { flags: { from } }) },
    offset: 0,
    limit: PAGE,
    about: ({ total, nextCursor }: PageFacts) => ({
      text: `${about} ${total ?? 0} exchanges.${nextCursor === null ? "" : ` The rest: ${rest} with ${JSON.stringify(args)} and the cursor.`}`,
      data: {
        session,
        ...data,
        ...(nextCursor === null ? {} : { next: { tool: rest, arguments: { ...args, cursor: nextCursor } } }),
      },
    }),
  };
}

async function pause(seconds: number, context: ToolContext): Promise<void> {
  using _telling = tellingElapsed(context, seconds);
  await sleep(seconds * 1000, undefined, { signal: context.signal });
}

export const CAPTURE_TRAFFIC_TOOLS: readonly Tool[] = [captureTraffic];
