// How a recording is started by a client: the arguments of record that are no danger.
import { z } from "zod";
import { TrafficError } from "../../errors.js";
import type { RecordOptions } from "../../operations/record.js";
import { Refusal } from "../refusal.js";
import type { ToolContext } from "../tool.js";

const texts = (what: string) => z.array(z.string().min(1).max(2000)).max(50).exactOptional().describe(what);

const select = {
  methods: texts("Record only these methods: ['POST']"),
  hostnames: texts("Record only hosts with this part in their name, or matching this glob"),
  urls: texts("Record only URLs with any of these parts, or matching any /regular expression/"),
  streaming: z
    .boolean()
    .exactOptional()
    .describe("true: record only responses that stream (server-sent events, 'stream' types, chunked)"),
};
const selectSchema = z.object(select);

export const RECORDING = {
  port: z.number().int().min(0).max(65_535).exactOptional().describe("Port on 127.0.0.1; 0 takes a free one"),
  session: z
    .string()
    .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
    .exactOptional()
    .describe("Name of the new session; default a time stamp"),
  ...select,
  filter: z
    .string()
    .max(4000)
    .exactOptional()
    .describe("Record only what this filter matches by request and response heads: '~d api.example.com'"),
  maxExchanges: z.number().int().min(1).exactOptional().describe("Keep the last N exchanges; default all"),
  maxBody: z.number().int().min(0).exactOptional().describe("Bytes of each body to keep; default all"),
  maxDisk: z
    .number()
    .int()
    .min(1)
    .exactOptional()
    .describe("Bytes of the session on disk; default 1 GiB. Recording ends there, and status says so"),
  passthrough: texts("Host globs that are tunnelled and not decrypted: ['*.bank.example']"),
  upstreamCa: z
    .string()
    .max(4096)
    .exactOptional()
    .describe("PEM file inside the roots, of certificates to trust besides the system's"),
};
/** The way to the origins, of a proxy that is started for longer. */
export const ROUTE = {
  reverse: z
    .string()
    .max(2000)
    .exactOptional()
    .describe("https://host[:port]: the port is that server, for clients that can't use a proxy"),
  upstreamProxy: texts(
    "Connect by way of these proxies: http, https, socks5 or socks4a://[user:password@]host:port; for some hosts '*.example.com=URL'. Needs --allow-send",
  ),
  noUpstreamProxy: texts("Hosts to connect to without them: 'localhost', '*.internal'"),
  clientCert: z
    .string()
    .max(4096)
    .exactOptional()
    .describe("PEM file inside the roots, of a certificate and its key, shown to servers that ask"),
};

const recordingSchema = z.object({
  ...RECORDING,
  upstreamCa: z.never().exactOptional(),
  passthrough: z.never().exactOptional(),
});

type RecordingInput = z.output<z.ZodObject<typeof RECORDING>>;

type RouteInput = z.output<z.ZodObject<typeof ROUTE>>;

/** @throws Refusal, FILE_NOT_FOUND */
export async function routeOf(
  { reverse, upstreamProxy: proxies, noUpstreamProxy: bypass, clientCert }: RouteInput,
  { settings, roots }: ToolContext,
): Promise<Pick<RecordOptions, "reverse" | "upstream"> & { readonly clientCert?: string }> {
  if (proxies !== undefined && !settings.allowSend) {
    throw new Refusal(
      "an upstream proxy gets the clients' requests, and those without TLS with their secrets",
      "the user can allow it with `trafficctl mcp --allow-send`, or start `trafficctl record --upstream-proxy URL`",
    );
  }
  return {
    ...(reverse === undefined ? {} : { reverse }),
    ...(proxies === undefined && bypass === undefined
      ? {}
      : { upstream: { ...(proxies && { proxies }), ...(bypass && { bypass }) } }),
    ...(clientCert === undefined ? {} : { clientCert: await roots.readable(clientCert) }),
  };
}

/** What has no effect is refused, or it would be taken for done. @throws BAD_OPTION */
export function assertUnused(options: object, session: string): void {
  const names = Object.keys(options);
  if (names.length === 0) return;
  throw new TrafficError(
    "BAD_OPTION",
    `${names.join(", ")}: without effect, as the proxy of session ${session} runs already and is used`,
    { hint: "leave it out, or end the proxy with stop_capture first" },
  );
}

/** @throws Refusal, FILE_NOT_FOUND */
export async function recordOptionsOf(
  { upstreamCa, passthrough, ...input }: RecordingInput,
  { settings, roots }: ToolContext,
  port: number,
): Promise<RecordOptions> {
  const { methods: _m, hostnames: _h, urls: _u, streaming: _s, ...options } = recordingSchema.parse(input);
  return {
    home: settings.home,
    port,
    ...options,
    select: selectSchema.parse(input),
    tls: {
      ...(passthrough === undefined ? {} : { passthrough }),
      ...(upstreamCa === undefined ? {} : { upstreamCa: await roots.readable(upstreamCa) }),
    },
  };
}
