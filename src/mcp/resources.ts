// Resources: what a client may keep in view. Each is what a tool answers, under an address.
import { TrafficError } from "../errors.js";
import { isSessionId } from "../exchange/id.js";
import { learnAhead } from "./learn-ahead.js";
import { findingsOf } from "./statistics-view.js";
import type { ToolContext } from "./tool.js";
import { TOOLS } from "./tools.js";

export interface ResourceEntry {
  /** With `{session}` it is a template. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  read(session: string, context: ToolContext): Promise<Readonly<Record<string, unknown>>>;
  /** Something that changes when the resource does, and costs little. */
  version(session: string, context: ToolContext): Promise<unknown>;
}

export const RESOURCES: readonly ResourceEntry[] = [
  {
    uri: "trafficctl://status",
    name: "status",
    title: "Running proxies",
    description: "The proxies that run: URL, session, counts, options",
    read: (_session, context) => dataOf("capture_status", {}, context),
    version: async (_session, { settings: { home } }) => {
      const { proxyStatus } = await import("../operations/status.js");
      const proxies = await proxyStatus({ home });
      return proxies.map((proxy) => (proxy.state === "running" ? { ...proxy, uptime: 0 } : proxy));
    },
  },
  {
    uri: "trafficctl://ca",
    name: "ca",
    title: "CA certificate",
    description: "The certificate that clients of the proxy have to trust: PEM, path, fingerprints",
    read: (_session, context) => dataOf("get_ca", {}, context),
    version: async (_session, { settings: { home } }) => {
      const { showCa } = await import("../operations/ca.js");
      return (await showCa({ home })).fingerprint256;
    },
  },
  {
    uri: "trafficctl://sessions",
    name: "sessions",
    title: "Sessions",
    description: "The recordings on disk, the newest first",
    read: (_session, context) => dataOf("list_sessions", {}, context),
    version: async (_session, { settings: { home } }) => {
      const { listSessions } = await import("../operations/sessions.js");
      return (await listSessions({ home })).map(({ id, state, counts }) => [id, state, counts]);
    },
  },
  {
    uri: "trafficctl://summary",
    name: "summary",
    title: "Traffic summary",
    description: "Statistics of the newest session",
    read: (_session, context) => dataOf("get_statistics", { session: "last" }, context),
    version: (_session, context) => sessionVersion("last", context),
  },
  {
    uri: "trafficctl://sessions/{session}/summary",
    name: "session-summary",
    title: "Summary of a session",
    description: "Statistics of a session: hosts, endpoints, statuses, durations, errors",
    read: (session, context) => dataOf("get_statistics", { session }, context),
    version: sessionVersion,
  },
  {
    uri: "trafficctl://sessions/{session}/timeline",
    name: "session-timeline",
    title: "Timeline of a session",
    description: "How many exchanges of a session started when, and how many failed",
    read: (session, context) => dataOf("get_statistics", { session, list: "timeline" }, context),
    version: sessionVersion,
  },
  {
    uri: "trafficctl://sessions/{session}/findings",
    name: "session-findings",
    title: "Findings of a session",
    description: "What stands out in a session: errors, failing hosts and endpoints, the slowest exchanges",
    read: async (session, context) => {
      const { stats } = await import("../operations/stats.js");
      await learnAhead([session], context);
      const { statistics } = await stats({
        home: context.settings.home,
        words: [session],
        signal: context.signal,
      });
      return findingsOf(session, statistics, context);
    },
    version: sessionVersion,
  },
];

export interface FoundResource {
  readonly entry: ResourceEntry;
  readonly session: string;
}

/** @returns undefined where no resource has the address */
export function findResource(uri: string): FoundResource | undefined {
  for (const entry of RESOURCES) {
    const [before = "", after] = entry.uri.split("{session}");
    if (after === undefined) {
      if (uri === entry.uri) return { entry, session: "last" };
      continue;
    }
    if (!uri.startsWith(before) || !uri.endsWith(after)) continue;
    const session = uri.slice(before.length, uri.length - after.length);
    if (isSessionId(session)) return { entry, session };
  }
  return undefined;
}

async function dataOf(
  name: string,
  args: Readonly<Record<string, unknown>>,
  context: ToolContext,
): Promise<Readonly<Record<string, unknown>>> {
  const tool = TOOLS.find((each) => each.name === name);
  if (tool === undefined) throw new TrafficError("INTERNAL", `there is no tool ${name}`);
  return (await tool.call(args, context)).data;
}

async function sessionVersion(session: string, { settings: { home } }: ToolContext): Promise<unknown> {
  const { showSession } = await import("../operations/sessions.js");
  const { id, state, counts } = await showSession({ home, session });
  return [id, state, counts];
}
