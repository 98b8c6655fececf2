// Sending recorded requests again.
import { z } from "zod";
import { CHOICE, EXCHANGE, SESSION, shownChoice, shownSource } from "../choice.js";
import { Refusal } from "../refusal.js";
import { executed, planOf, REPLAYED, replayAnswer } from "../replay-run.js";
import { assertOwnOrigin } from "../send-gate.js";
import { ADDS, defineTool, READS, type Tool, type ToolContext } from "../tool.js";
import {
  COMPARE,
  compareOf,
  EDITS,
  editsOf,
  INTO,
  SINGLE_EDITS,
  TIMEOUT,
  tlsOf,
  UPSTREAM_CA,
} from "./replay-values.js";

const GATE =
  "Without --allow-send only GET, HEAD, OPTIONS and TRACE, to the origin that was recorded; the answer says so when it refuses, and nothing is sent then.";

const PLAN = {
  ...CHOICE,
  target: z
    .string()
    .max(2000)
    .exactOptional()
    .describe("scheme://host[:port] that all requests go to instead; paths and queries stay"),
  ...EDITS,
  limit: z.number().int().min(1).max(10_000).default(100).describe("Requests at most; default 100"),
};

const previewReplay = defineTool({
  name: "preview_replay",
  title: "What a replay would send",
  toolset: "replay",
  description:
    "Says which recorded requests replay_exchanges with the same arguments would send, in which order and where to, and which ones can't be sent and why. Sends nothing.",
  input: PLAN,
  output: REPLAYED,
  effects: READS,
  run: async (input, context) => replayAnswer(await planOf(await chosenOf(input, context), context), context),
});

const replayExchanges = defineTool({
  name: "replay_exchanges",
  title: "Send recorded requests again",
  toolset: "replay",
  description: `Sends recorded requests again, byte for byte with their secrets, into a new session, and says what came back; with \`compare\` how it differs from the recording. Real servers get real requests: look at preview_replay first. Redirects are not followed. A request that fails is told and the run goes on. ${GATE}`,
  input: {
    ...PLAN,
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(64)
      .exactOptional()
      .describe("Requests at the same time; default 1"),
    rate: z.number().min(0.01).max(10_000).exactOptional().describe("Requests in a second at most"),
    speed: z
      .number()
      .min(0.01)
      .max(1000)
      .exactOptional()
      .describe("1: at the recorded pace, 2: twice as fast; default without waiting"),
    repeat: z.number().int().min(1).max(100).default(1).describe("Passes; default 1"),
    cookies: z
      .enum(["recorded", "follow"])
      .default("recorded")
      .describe("follow: cookies that responses set take the place of recorded ones"),
    compare: COMPARE,
    timeoutSeconds: TIMEOUT,
    upstreamCa: UPSTREAM_CA,
    into: INTO,
  },
  output: REPLAYED,
  effects: { ...ADDS, destructiveHint: true, openWorldHint: true },
  run: async (input, context) => {
    const { concurrency, rate, speed, repeat, cookies, compare, timeoutSeconds, upstreamCa, into } = input;
    const chosen = await chosenOf(input, context);
    const tls = await tlsOf(upstreamCa, context);
    const sending = { concurrency, rate, speed, repeat, cookies, compare: compareOf(compare), tls, into };
    const ran = await executed({ ...chosen, ...sending, timeoutMs: timeoutSeconds * 1000 }, context);
    return replayAnswer(ran, context);
  },
});

type PlanInput = z.output<z.ZodObject<typeof PLAN>>;

async function chosenOf(
  { target, limit, setHeaders, removeHeaders, ...input }: PlanInput,
  context: ToolContext,
) {
  if (target !== undefined && !context.settings.allowSend) {
    throw new Refusal(
      "requests may not go to another host than the recorded one",
      "leave `target` out, or have the user start `trafficctl mcp --allow-send`",
    );
  }
  return { ...(await shownChoice(input, context)), target, limit, edits: { setHeaders, removeHeaders } };
}

const resendExchange = defineTool({
  name: "resend_exchange",
  title: "Change a recorded request and send it",
  toolset: "replay",
  description: `Sends one recorded request again, as it was or with another method, URL, headers, body, or values in its JSON body, into a new session, and says what came back. Secrets of the recording go with it as they were: leave such headers as they are, a placeholder like REDACTED-1 is no value. To see the answer as a whole use get_exchange with the new session and id. Redirects are not followed. ${GATE}`,
  input: {
    session: SESSION,
    exchange: EXCHANGE,
    ...SINGLE_EDITS,
    compare: COMPARE,
    timeoutSeconds: TIMEOUT,
    upstreamCa: UPSTREAM_CA,
    into: INTO,
  },
  output: REPLAYED,
  effects: { ...ADDS, destructiveHint: true, openWorldHint: true },
  run: async ({ session, exchange, compare, timeoutSeconds, upstreamCa, into, ...edits }, context) => {
    const { home } = context.settings;
    const source = await shownSource(session, context);
    const { url } = edits;
    if (url !== undefined) {
      const { withExchange } = await import("../../operations/show.js");
      const recorded = await withExchange(
        { home, session: source, exchange },
        async ({ facts }) => facts.url,
      );
      assertOwnOrigin(recorded, url, context);
    }
    const ran = await executed(
      {
        home,
        words: [source],
        id: exchange,
        edits: editsOf(edits),
        compare: compareOf(compare),
        timeoutMs: timeoutSeconds * 1000,
        tls: await tlsOf(upstreamCa, context),
        into,
      },
      context,
    );
    return replayAnswer(ran, context);
  },
});

export const REPLAY_TOOLS: readonly Tool[] = [previewReplay, replayExchanges, resendExchange];
