// The proxy of a client: start, stop, status.
import { z } from "zod";
import { TrafficError } from "../../errors.js";
import type { ProxyReference } from "../../operations/control.js";
import { fitted } from "../budget.js";
import { sourceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, FLAG, OBJECT, PAGE, TEXT } from "../output.js";
import { ADDS, DESTROYS, defineTool, READS, type Tool, type ToolContext } from "../tool.js";
import { RECORDING, ROUTE, recordOptionsOf, routeOf } from "./capture-options.js";

export const RUNNING = z
  .string()
  .min(1)
  .max(4096)
  .exactOptional()
  .describe("Session of the running proxy; default the one of this client, else the only one that runs");

/** @throws Refusal, BAD_OPTION */
export async function referenceOf(
  session: string | undefined,
  context: ToolContext,
): Promise<ProxyReference> {
  const { home } = context.settings;
  if (session !== undefined) return { home, session: await sourceOf(session, context) };
  const own = context.captures.own?.recording.session.id;
  return own === undefined ? { home } : { home, session: own };
}

const startCapture = defineTool({
  name: "start_capture",
  title: "Start a recording proxy",
  toolset: "capture",
  description:
    "Starts an HTTP and HTTPS proxy on 127.0.0.1 that records what passes into a new session on disk, until stop_capture or until this client disconnects. Answers with its URL and the CA certificate that clients have to trust. Use it to watch programs that you or the user can point at a proxy (get_environment has the variables; run_command does all of it for one command). One proxy a client: when one runs already this fails. Listens on this machine only; certificates of servers are always checked.",
  input: {
    ...RECORDING,
    port: RECORDING.port.describe("Port on 127.0.0.1; default 0, a free one"),
    ...ROUTE,
  },
  output: {
    url: TEXT,
    port: COUNT,
    reverse: TEXT.exactOptional(),
    session: TEXT,
    sessionPath: TEXT,
    ca: z.object({ path: TEXT, fingerprint256: TEXT, spkiFingerprint: TEXT }),
    warnings: z.array(TEXT).exactOptional(),
  },
  effects: { ...ADDS, openWorldHint: true },
  run: async (input, context) => {
    const { clientCert, ...route } = await routeOf(input, context);
    const { tls, ...options } = await recordOptionsOf(input, context, input.port ?? 0);
    const { recording } = await context.captures.start({
      ...options,
      ...route,
      tls: { ...tls, ...(clientCert === undefined ? {} : { clientCert }) },
      clearable: true,
    });
    const { url, port, session, ca, reverse } = recording;
    const stands = reverse === undefined ? "" : ` in the place of ${reverse}`;
    return {
      text: `Recording at ${url}${stands} into session ${session.id}. CA certificate: ${ca.certPath}`,
      data: {
        url,
        port,
        ...(reverse === undefined ? {} : { reverse }),
        session: session.id,
        sessionPath: session.path,
        ca: { path: ca.certPath, fingerprint256: ca.fingerprint256, spkiFingerprint: ca.spkiFingerprint },
        ...(ca.warnings.length === 0 ? {} : { warnings: ca.warnings }),
      },
    };
  },
});

const stopCapture = defineTool({
  name: "stop_capture",
  title: "Stop a recording proxy",
  toolset: "capture",
  description:
    "Stops a proxy and waits until everything it recorded is on disk: connections through it end, the session stays and can be queried. Default: the proxy of this client. With `session` also one that was started elsewhere (trafficctl record): ask the user first. Exchanges under way get 5 seconds.",
  input: { session: RUNNING },
  output: { session: TEXT, sessionPath: TEXT, counts: OBJECT },
  effects: { ...DESTROYS, openWorldHint: false },
  run: async ({ session }, context) => {
    const { own } = context.captures;
    if (own !== undefined && (session === undefined || session === own.recording.session.id)) {
      const counts = await own.recording.stop();
      const { id, path } = own.recording.session;
      return stopped(id, path, counts);
    }
    if (session === undefined) {
      throw new TrafficError("NOT_RUNNING", "this client runs no proxy", {
        hint: "capture_status shows those that run elsewhere: name one with `session` to stop it",
      });
    }
    const { stopProxy } = await import("../../operations/stop.js");
    const result = await stopProxy(await referenceOf(session, context));
    return stopped(result.session, result.sessionPath, result.counts);
  },
});

function stopped(
  session: string,
  sessionPath: string,
  counts: { readonly exchanges: number; readonly errors: number },
) {
  return {
    text: `Stopped. Session ${session} has ${counts.exchanges} exchanges, ${counts.errors} of them failed.`,
    data: { session, sessionPath, counts },
  };
}

const captureStatus = defineTool({
  name: "capture_status",
  title: "Status of running proxies",
  toolset: "capture",
  description:
    "The proxies that run under this home folder, those of this client and those started elsewhere (trafficctl record): URL, session, counts, exchanges under way, rules, exchanges held, options. Changes nothing. A proxy that runs elsewhere is attached to by naming its session in the other tools: list_exchanges reads what it records while it records, get_options and set_options change it, stop_capture ends it.",
  input: { cursor: CURSOR },
  output: {
    proxies: z.array(
      z.object({
        session: TEXT,
        url: TEXT,
        state: z.enum(["running", "silent"]),
        startedByThisClient: FLAG,
      }),
    ),
    ...PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const { proxyStatus } = await import("../../operations/status.js");
    const all = await proxyStatus({ home: context.settings.home });
    const own = context.captures.own?.recording.session.id;
    const offset = startOf("capture_status", input);
    const proxies = all.slice(offset).map((proxy) => ({
      ...proxy,
      // A filter may name what is secret.
      ...(proxy.state === "running" ? { options: context.safe.deep(proxy.options) } : {}),
      startedByThisClient: proxy.session === own,
    }));
    const page = {
      tool: "capture_status",
      args: input,
      rows: proxies,
      offset,
      more: false,
      total: all.length,
    };
    return fitted(page, context.settings.budget, (rows, facts) => ({
      text:
        all.length === 0
          ? "No proxy runs."
          : `Proxies:${restText(facts)}\n${rows.map(statusLine).join("\n")}`,
      data: { proxies: rows, ...facts },
    }));
  },
});

function statusLine(
  proxy: { readonly session: string; readonly url: string; readonly startedByThisClient: boolean } & (
    | { readonly state: "silent"; readonly problem: string }
    | { readonly state: "running"; readonly counts: { readonly exchanges: number }; readonly active: number }
  ),
): string {
  const whose = proxy.startedByThisClient ? ", of this client" : "";
  const state =
    proxy.state === "silent"
      ? proxy.problem
      : `${proxy.counts.exchanges} exchanges, ${proxy.active} under way`;
  return `${proxy.url}  session ${proxy.session}${whose}: ${state}`;
}

export const CAPTURE_TOOLS: readonly Tool[] = [startCapture, stopCapture, captureStatus];
