// Runs a wire case of HTTP/2 against its origin directly and through trafficctl, and compares what came on each stream;
// and the cases where only one side speaks HTTP/2, which there is no direct run of.
import { expect } from "vitest";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { RawHeaders } from "../../src/exchange/headers.js";
import type { WireBench } from "./bench.js";
import { type CaseOrigin, startScriptedOrigin } from "./case-origin.js";
import type { AnyStep, Http2Case, Http2Expectation } from "./http2-case.js";
import { type AnyPlayer, http1Player, http2Player } from "./http2-player.js";
import { Words } from "./party.js";
import { compareRecorded } from "./recorded.js";
import { unlessStuck } from "./run-case.js";

/** What one side received: by stream, or the bytes. */
type Received = readonly string[] | string;

interface Http2Run {
  readonly clientPort: number;
  readonly clientHeads: readonly RawHeaders[];
  readonly clientConnection: readonly string[];
  readonly toClient: Received;
  readonly toOrigin: Received;
}

export async function runHttp2Case(bench: WireBench, http2Case: Http2Case): Promise<void> {
  const { modes, recorded } = http2Case;
  const speaksHttp1 = modes[0] === "h2-h1";
  const side = http2Case.offersExtendedConnect ? "origin-with-extended-connect" : "origin";
  const origin = await startScriptedOrigin<AnyStep, AnyPlayer>(
    bench.authority,
    speaksHttp1 ? [] : ["h2"],
    (name, socket, transport) =>
      speaksHttp1 ? http1Player(name, socket, transport) : http2Player(name, socket, transport, side),
  );
  const expand = (text: string): string =>
    text.replaceAll("%O", "").replaceAll("%H", `localhost:${origin.port}`);
  try {
    const direct = hasDirectRun(http2Case)
      ? await play(http2Case, origin, expand, bench.connectDirectly)
      : undefined;
    const proxied = await play(http2Case, origin, expand, bench.connectThroughProxy);
    compare(http2Case.expect, direct, proxied, expand);
    if (http2Case.expect.kind === "refused") {
      const code = `(${http2Case.expect.code})`;
      const told = bench.recording.failures.filter(({ message }) => message.includes(code));
      if (http2Case.expect.what === "connection")
        expect(told.length, "what trafficctl tells").toBeGreaterThan(0);
    }
    if (recorded === undefined) return;
    const exchanges = await bench.recorded(origin.port, recorded.length, proxied.clientPort);
    await compareRecorded(bench, recorded, exchanges, expand);
    if (exchanges.length === 1 && modes[0] === "h2") {
      compareFields(exchanges[0]!, http2Case.client, proxied.clientHeads, expand);
    }
  } finally {
    await origin.close();
  }
}

/** Not where the protocols differ, where nothing is to reach the origin, and where both sides are stated. */
function hasDirectRun({ modes, expect: { kind }, expect: stated }: Http2Case): boolean {
  if (modes[0] !== "h2" || kind === "refused") return false;
  return !("toClient" in stated && "toOrigin" in stated);
}

async function play(
  http2Case: Http2Case,
  origin: CaseOrigin<AnyStep, AnyPlayer>,
  expand: (text: string) => string,
  connect: WireBench["connectDirectly"],
): Promise<Http2Run> {
  const words = new Words();
  const run = origin.begin(http2Case.origin, words, expand);
  run.played.catch(() => {});
  const { socket, transport } = await connect(http2Case.modes[0], origin.port);
  const clientPort = transport.localPort ?? 0;
  const client =
    http2Case.modes[0] === "h1-h2"
      ? http1Player("client", socket, transport)
      : http2Player("client", socket, transport, "client");
  try {
    await unlessStuck(
      async () => {
        await client.play(http2Case.client, words, expand);
        await run.played;
      },
      () => [client, ...run.parties].map((party) => party.describe()).join("\n"),
    );
    const parts = run.parties.map(({ received }) => received);
    return {
      clientPort,
      clientHeads: client.heads,
      clientConnection: client.connection,
      toClient: client.received,
      toOrigin: http2Case.modes[0] === "h2-h1" ? parts.join("") : parts.flat(),
    };
  } finally {
    client.leave();
    run.leave();
  }
}

function compare(
  expectation: Http2Expectation,
  direct: Http2Run | undefined,
  proxied: Http2Run,
  expand: (text: string) => string,
): void {
  if (expectation.kind === "refused") {
    compareRefusal(expectation, proxied);
    return;
  }
  const stated = expectation.kind === "differs" ? expectation : undefined;
  match(proxied.toOrigin, stated?.toOrigin ?? direct!.toOrigin, expand);
  match(proxied.toClient, stated?.toClient ?? direct!.toClient, expand);
  if (direct !== undefined) expect(proxied.clientConnection).toEqual(direct.clientConnection);
}

function compareRefusal(
  { what, code }: Extract<Http2Expectation, { kind: "refused" }>,
  { toOrigin, toClient, clientConnection }: Http2Run,
): void {
  if (what === "connection") {
    expect(toOrigin).toEqual([]);
    expect(clientConnection).toEqual([`GOAWAY ${code}`, "end"]);
    return;
  }
  expect(toClient[0]).toBe(`\nRST_STREAM ${code}`);
  expect(toClient[1]).toContain(":status: 200");
  // Only the good one.
  expect(toOrigin).toHaveLength(1);
  expect(toOrigin[0]).toContain(":path: /good");
}

function match(actual: Received, stated: Received | RegExp, expand: (text: string) => string): void {
  if (stated instanceof RegExp) expect(String(actual)).toMatch(stated);
  else expect(actual).toEqual(typeof stated === "string" ? expand(stated) : stated.map(expand));
}

/** The recorded fields are those that were sent, without pseudo-header fields, the crumbs of a cookie joined. */
function compareFields(
  exchange: Exchange,
  client: readonly AnyStep[],
  responseHeads: readonly RawHeaders[],
  expand: (text: string) => string,
): void {
  const sent = client.find((step) => step.do === "headers");
  if (sent === undefined) throw new Error("the client sends no head");
  const fields = sent.fields.map(([name, value]) => [name, expand(value)] as const);
  expect(exchange.request.headers, "recorded request fields").toEqual(regular(fields));
  if (!("response" in exchange) || exchange.response === undefined) return;
  const head = responseHeads.find((fields) => !/^1/.test(fields[0]![1])) ?? [];
  expect(exchange.response.headers, "recorded response fields").toEqual(regular(head));
}

function regular(fields: RawHeaders): RawHeaders {
  const crumbs = fields.filter(([name]) => name === "cookie").map(([, value]) => value);
  const first = fields.findIndex(([name]) => name === "cookie");
  return fields
    .map(([name, value], index) => [name, index === first ? crumbs.join("; ") : value] as const)
    .filter(([name], index) => !name.startsWith(":") && (name !== "cookie" || index === first));
}
