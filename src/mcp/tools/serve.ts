// Answering from a recording: servers that need no origin.
import { z } from "zod";
import type { RunningServer } from "../../operations/serve.js";
import { fitted } from "../budget.js";
import { sourceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, MAYBE_PAGE, OBJECT, TEXT } from "../output.js";
import { ADDS, DESTROYS, defineTool, READS, type Tool, type ToolContext } from "../tool.js";

const PACE = z.union([z.enum(["none", "recorded"]), z.number().min(0).max(60_000)]).default("none");

const startServing = defineTool({
  name: "start_serving",
  title: "Answer from a recording",
  toolset: "serve",
  description:
    "Starts a server on 127.0.0.1 that answers from sessions, HAR files or fixtures, without the origins: clients use its URL as their base URL or as their proxy (HTTPS too, with the same CA). Runs until stop_serving or until this client disconnects. Matches by method and URL, then the closest by headers and body; a miss says what was nearest. With miss 'pass' or 'record' real servers are asked. serving_status tells hits and misses.",
  input: {
    from: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(20)
      .describe("Sessions by name, or HAR files, fixtures (.json, or a folder of them) inside the roots"),
    port: z.number().int().min(0).max(65_535).default(0).describe("Default 0, a free one"),
    ignoreQuery: z
      .array(z.string().min(1))
      .max(100)
      .exactOptional()
      .describe("Query parameters that do not count"),
    ignoreBody: z
      .array(z.string())
      .max(100)
      .exactOptional()
      .describe("JSON Pointers (* for any) to what does not count in bodies"),
    matchBody: z.boolean().default(false).describe("A request with another body is a miss"),
    ignoreHost: z.boolean().default(false).describe("The path alone decides, whatever the host"),
    once: z
      .boolean()
      .default(false)
      .describe("Each recorded exchange answers once; default the last one repeats"),
    miss: z
      .enum(["404", "502", "pass", "record"])
      .default("404")
      .describe("What a request without an answer gets; default 404"),
    pace: PACE.describe("Of streams: none, recorded, or milliseconds between pieces; default none"),
    delay: PACE.describe("Before each response: none, recorded, or milliseconds; default none"),
  },
  output: {
    url: TEXT,
    port: COUNT,
    exchanges: COUNT,
    ca: z.object({ path: TEXT, fingerprint256: TEXT }),
    session: TEXT.exactOptional().describe("Where misses are recorded"),
  },
  effects: ADDS,
  run: async ({ from, ...options }, context) => {
    const sources = await Promise.all(from.map((each) => servedSource(each, context)));
    const server = await context.serving.start({ ...options, from: sources, home: context.settings.home });
    const { url, port, exchanges, ca, session } = server;
    return {
      text: `Answering from ${exchanges} exchanges at ${url}. CA certificate for HTTPS through it: ${ca.certPath}`,
      data: {
        url,
        port,
        exchanges,
        ca: { path: ca.certPath, fingerprint256: ca.fingerprint256 },
        ...(session === undefined ? {} : { session: session.id }),
      },
    };
  },
});

/** Fixtures are files; everything else is as in the other tools. */
async function servedSource(source: string, context: ToolContext): Promise<string> {
  return /\.json$/i.test(source) ? await context.roots.readable(source) : await sourceOf(source, context);
}

const URL_OF = z
  .string()
  .max(2000)
  .exactOptional()
  .describe("URL of the server; default the only one of this client");

const SERVER = {
  url: TEXT,
  port: COUNT,
  exchanges: COUNT,
  hits: COUNT,
  misses: COUNT,
  session: TEXT.exactOptional(),
};

const servingStatus = defineTool({
  name: "serving_status",
  title: "Servers that answer from recordings",
  toolset: "serve",
  description:
    "The servers of this client: URL, how many requests were answered, and for one of them its misses with what was nearest and which part differed, page by page. Changes nothing.",
  input: {
    url: URL_OF,
    limit: z.number().int().min(1).max(500).default(50).describe("Misses of a page; default 50"),
    cursor: CURSOR,
  },
  output: {
    servers: z.array(z.object(SERVER)),
    misses: z.array(z.object({ method: TEXT, url: TEXT, nearest: OBJECT.nullable() })).exactOptional(),
    ...MAYBE_PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const { running } = context.serving;
    if (input.url === undefined && running.length !== 1) {
      const servers = running.map(factsOf);
      return {
        text: running.length === 0 ? "No server of this client runs." : servers.map(lineOf).join("\n"),
        data: { servers },
      };
    }
    return missPage(context.serving.find(input.url), input, context);
  },
});

function missPage(
  server: RunningServer,
  args: Readonly<Record<string, unknown>> & { readonly cursor?: string; readonly limit: number },
  { safe, settings }: ToolContext,
) {
  const offset = startOf("serving_status", args);
  const misses = server.misses.slice(offset, offset + args.limit);
  const rows = misses.map((miss) => safe.deep(miss));
  const more = offset + rows.length < server.misses.length;
  const facts = factsOf(server);
  const page = { tool: "serving_status", args, rows, offset, more, total: server.misses.length };
  return fitted(page, settings.budget, (shown, pageFacts) => ({
    text: `${lineOf(facts)}.${restText(pageFacts)}`,
    data: { servers: [facts], misses: shown, ...pageFacts },
    traffic: shown.map((miss) => JSON.stringify(miss)).join("\n"),
  }));
}

function factsOf({ url, port, exchanges, hits, missCount, session }: RunningServer) {
  return {
    url,
    port,
    exchanges,
    hits,
    misses: missCount,
    ...(session === undefined ? {} : { session: session.id }),
  };
}

function lineOf({ url, exchanges, hits, misses }: ReturnType<typeof factsOf>): string {
  return `${url} answers from ${exchanges} exchanges: ${hits} hits, ${misses} misses`;
}

const stopServing = defineTool({
  name: "stop_serving",
  title: "Stop answering from a recording",
  toolset: "serve",
  description:
    "Stops a server of this client and tells how many requests it answered and missed. The recording stays.",
  input: { url: URL_OF },
  output: SERVER,
  effects: DESTROYS,
  run: async ({ url }, { serving }) => {
    const server = serving.find(url);
    await serving.stop(server);
    const facts = factsOf(server);
    return { text: `Stopped. ${lineOf(facts)}.`, data: facts };
  },
});

export const SERVE_TOOLS: readonly Tool[] = [startServing, servingStatus, stopServing];
