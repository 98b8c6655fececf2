// What may be sent without the flag that allows it: safe methods, to origins that a client of the proxy has talked to.
import { Refusal } from "./refusal.js";
import type { ToolContext } from "./tool.js";

/** RFC 9110 section 9.2.1. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const HINT = "the user can allow it with `trafficctl mcp --allow-send`";

export interface Planned {
  readonly method: string;
  readonly url: string;
}

/** @throws Refusal for the first that may not be sent, BAD_OPTION for what is no URL */
export async function assertSendable(requests: readonly Planned[], context: ToolContext): Promise<void> {
  if (context.settings.allowSend) return;
  for (const { method, url } of requests) {
    if (SAFE.has(method.toUpperCase())) continue;
    throw new Refusal(`${method} ${url} may change something there, and this server may not send that`, HINT);
  }
  const origins = new Set(requests.map(({ url }) => originOf(url)));
  for (const origin of origins) {
    if (await wasRecorded(origin, context)) continue;
    throw new Refusal(`${origin} was not recorded, and this server sends to recorded hosts only`, HINT);
  }
}

/** @throws Refusal */
export function assertOwnOrigin(recorded: string, url: string, { settings }: ToolContext): void {
  if (settings.allowSend || originOf(recorded) === originOf(url)) return;
  // Its cookies and tokens are for the origin that it was recorded at.
  throw new Refusal(
    `the request was recorded at ${originOf(recorded)} and would go to ${originOf(url)}`,
    HINT,
  );
}

/** By a client of a proxy: what was imported from a file or sent by this server may name any host. */
async function wasRecorded(origin: string, { settings, signal }: ToolContext): Promise<boolean> {
  const { query } = await import("../operations/query.js");
  const flags = { urls: [origin] };
  const selection = await query({ home: settings.home, words: ["all"], flags, sort: "desc", signal });
  try {
    for await (const { facts } of selection) {
      if (facts.client !== "" && facts.kind !== "tunnel" && originOf(facts.url) === origin) return true;
    }
    return false;
  } finally {
    await selection.close();
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
