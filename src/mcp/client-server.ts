// The MCP server of one client: answers what the protocol asks from the tables of tools, resources and prompts.
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import type { Logger } from "../log.js";
import { VERSION } from "../version.js";
import { Captures } from "./captures.js";
import { instructionsFor } from "./instructions.js";
import { KeptPages } from "./kept-pages.js";
import type { Roots } from "./paths.js";
import { promptsOf } from "./prompts.js";
import { answerResources } from "./resource-requests.js";
import { type Answer, errorResult, isExpected, resultOf } from "./result.js";
import type { Safe } from "./safe.js";
import { Serving } from "./serving.js";
import type { Settings } from "./settings.js";
import type { ToolContext } from "./tool.js";
import { toolsOf } from "./tools.js";

/** What all clients of a process share. */
export interface Shared {
  readonly settings: Settings;
  readonly roots: Roots;
  readonly safe: Safe;
  readonly log: Logger;
}

export interface ClientServer {
  connect(transport: Transport): Promise<void>;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
  /** Ends what runs for the client. May be called again. */
  close(): Promise<void>;
}

/** The time between two messages of how far a call is. */
const PROGRESS_MS = 200;

export function createClientServer(shared: Shared): ClientServer {
  const { settings, log } = shared;
  const gone = new AbortController();
  const captures = new Captures(log);
  const serving = new Serving();
  const base = { ...shared, captures, serving, kept: new KeptPages() };
  const server = new Server(
    { name: "trafficctl", title: "trafficctl: HTTP traffic", version: VERSION },
    {
      capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} },
      instructions: instructionsFor(settings),
    },
  );
  const calls = new Set<Promise<unknown>>();
  const tools = new Map(toolsOf(settings.toolsets).map((tool) => [tool.name, tool]));
  const prompts = promptsOf(settings.toolsets);

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...tools.values()].map(({ name, title, description, inputSchema, outputSchema, effects }) => ({
      name,
      title,
      description,
      inputSchema,
      outputSchema,
      annotations: { title, ...effects },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools.get(params.name);
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no tool ${params.name}`);
    const signal = AbortSignal.any([extra.signal, gone.signal]);
    const token = extra._meta?.progressToken;
    let told = 0;
    let last = -1;
    const progress: ToolContext["progress"] = (done, total) => {
      // Never less than before: the protocol wants it so.
      if (token === undefined || done <= last || Date.now() - told < PROGRESS_MS) return;
      told = Date.now();
      last = done;
      const about = { progressToken: token, progress: done, ...(total === undefined ? {} : { total }) };
      extra.sendNotification({ method: "notifications/progress", params: about }).catch(() => {});
    };
    const call = answered(tool.call(params.arguments, { ...base, signal, progress }), signal);
    calls.add(call);
    return await call.finally(() => calls.delete(call));
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map(({ name, title, description, args }) => ({
      name,
      title,
      description,
      arguments: [...args],
    })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const prompt = prompts.find(({ name }) => name === params.name);
    if (prompt === undefined)
      throw new McpError(ErrorCode.InvalidParams, `there is no prompt ${params.name}`);
    const text = prompt.text(params.arguments ?? {});
    return { description: prompt.description, messages: [{ role: "user", content: { type: "text", text } }] };
  });
  const resources = answerResources(server, { ...base, signal: gone.signal, progress: () => {} }, log);

  async function answered(answer: Promise<Answer>, signal: AbortSignal): Promise<CallToolResult> {
    try {
      return resultOf(await answer);
    } catch (error) {
      if (!isExpected(error) && !signal.aborted) log.error({ err: error }, "a tool failed");
      return errorResult(error, shared.safe.text);
    }
  }

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    gone.abort();
    resources.close();
    await Promise.all([captures.close(), serving.close()]);
    await Promise.allSettled(calls);
    await server.close();
  };
  return {
    connect: (transport) => server.connect(transport),
    idle: async () => {
      while (calls.size > 0) await Promise.allSettled(calls);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
