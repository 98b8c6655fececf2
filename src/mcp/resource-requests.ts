// What the protocol asks of resources: lists, reading, subscriptions, names of sessions to complete an address.
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CompleteRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { Logger } from "../log.js";
import { within } from "./budget.js";
import { type FoundResource, findResource, RESOURCES, type ResourceEntry } from "./resources.js";
import { ownOrTrafficError, resultOf } from "./result.js";
import { Subscriptions } from "./subscriptions.js";
import type { ToolContext } from "./tool.js";

const JSON_TYPE = "application/json";
/** As many as the protocol allows in one answer. */
const MOST_COMPLETIONS = 100;

export function answerResources(server: Server, context: ToolContext, log: Logger): { close(): void } {
  const subscriptions = new Subscriptions(context, {
    changed: (uri) => server.sendResourceUpdated({ uri }),
    failed: (error) => log.debug({ err: error }, "a subscription could not be looked after"),
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: RESOURCES.filter((entry) => !isTemplate(entry)).map(({ uri, ...entry }) => ({
      uri,
      ...described(entry),
    })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: RESOURCES.filter(isTemplate).map(({ uri, ...entry }) => ({
      uriTemplate: uri,
      ...described(entry),
    })),
  }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    const { entry, session } = found(uri);
    try {
      const data = await entry.read(session, context);
      const fitting = within({ text: "", data, traffic: "" }, context.settings.budget);
      const text = JSON.stringify(resultOf(fitting).structuredContent);
      return { contents: [{ uri, mimeType: JSON_TYPE, text }] };
    } catch (error) {
      const { code, message, hint } = ownOrTrafficError(error);
      throw new McpError(ErrorCode.InvalidRequest, context.safe.text(message), { code, hint });
    }
  });
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    await subscriptions.add(uri, found(uri));
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscriptions.remove(uri);
    return {};
  });
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { argument } }) => {
    const names = ["session", "before", "after"].includes(argument.name) ? await sessionNames(context) : [];
    const values = names.filter((name) => name.startsWith(argument.value));
    return {
      completion: {
        values: values.slice(0, MOST_COMPLETIONS),
        total: values.length,
        hasMore: values.length > MOST_COMPLETIONS,
      },
    };
  });
  return { close: () => subscriptions.close() };
}

function isTemplate({ uri }: ResourceEntry): boolean {
  return uri.includes("{");
}

function described({ name, title, description }: Omit<ResourceEntry, "uri">) {
  return { name, title, description, mimeType: JSON_TYPE };
}

/** The code that the protocol has for it. */
const RESOURCE_NOT_FOUND = -32002;

function found(uri: string): FoundResource {
  const resource = findResource(uri);
  if (resource === undefined) throw new McpError(RESOURCE_NOT_FOUND, `there is no resource ${uri}`);
  return resource;
}

async function sessionNames({ settings: { home } }: ToolContext): Promise<string[]> {
  const { listSessions } = await import("../operations/sessions.js");
  return (await listSessions({ home })).map(({ id }) => id).reverse();
}
