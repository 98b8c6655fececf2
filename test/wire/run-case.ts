// Runs a wire case against its origin directly and through trafficctl, and compares what both parties received, and
// what was recorded, with what the case states.
import { expect } from "vitest";
import type { WireBench } from "./bench.js";
import type { Expectation, Http1Mode, Step, WireCase } from "./case.js";
import { type CaseOrigin, startCaseOrigin } from "./case-origin.js";
import { Party, Words } from "./party.js";
import { compareHttp1Fields, compareRecorded } from "./recorded.js";

/** What passed in one run: characters are bytes. */
interface Run {
  readonly clientPort: number;
  readonly clientSent: string;
  readonly clientReceived: string;
  readonly clientEnding: string;
  readonly originReceived: readonly string[];
  /** Of the connections whose script waits for their end. */
  readonly originEndings: readonly string[];
}

/** Only for a run that does not go on: says where it stopped, before the test's own limit would without a word. */
const STUCK_MS = 10_000;

export async function runCase(bench: WireBench, wireCase: WireCase, mode: Http1Mode): Promise<void> {
  const origin = await startCaseOrigin(mode === "tls" ? bench.authority : undefined);
  try {
    const direct =
      wireCase.expect.kind === "refused" ? undefined : await play(bench, wireCase, mode, origin, true);
    const proxied = await play(bench, wireCase, mode, origin, false);
    compare(wireCase.expect, mode, direct, proxied, origin.port);
    if (wireCase.recorded !== undefined) {
      const exchanges = await bench.recorded(origin.port, wireCase.recorded.length, proxied.clientPort);
      await compareRecorded(bench, wireCase.recorded, exchanges, placeholders(origin.port, mode, false));
      if (exchanges.length === 1)
        compareHttp1Fields(exchanges[0]!, proxied.clientSent, proxied.clientReceived);
    }
  } finally {
    await origin.close();
  }
}

async function play(
  bench: WireBench,
  wireCase: WireCase,
  mode: Http1Mode,
  origin: CaseOrigin<Step, Party>,
  direct: boolean,
): Promise<Run> {
  const words = new Words();
  const scripts = direct ? wireCase.origin : (wireCase.originThroughProxy ?? wireCase.origin);
  const run = origin.begin(scripts, words, placeholders(origin.port, mode, true));
  run.played.catch(() => {});
  const connect = direct ? bench.connectDirectly : bench.connectThroughProxy;
  const { socket, transport } = await connect(mode, origin.port);
  const clientPort = transport.localPort ?? 0;
  const client = new Party("client", socket, transport);
  const expand = placeholders(origin.port, mode, direct);
  try {
    await unlessStuck(
      async () => {
        await client.play(wireCase.client, words, expand);
        client.leave();
        await run.played;
      },
      () =>
        [
          `${direct ? "directly" : `through the proxy (${mode})`}`,
          client.describe(),
          ...run.parties.map((party) => party.describe()),
        ].join("\n"),
    );
  } finally {
    client.leave();
    run.leave();
  }
  return {
    clientPort,
    clientSent: wireCase.client
      .map((step) => ("bytes" in step && step.do !== "until" ? expand(step.bytes) : ""))
      .join(""),
    clientReceived: client.received,
    clientEnding: client.ending,
    originReceived: run.parties.map((party) => party.received),
    originEndings: run.parties.filter((party) => party.endingAwaited).map((party) => party.ending),
  };
}

function placeholders(port: number, mode: Http1Mode, direct: boolean): (bytes: string) => string {
  const host = `localhost:${port}`;
  const origin = mode === "absolute" && !direct ? `http://${host}` : "";
  return (bytes) => bytes.replaceAll("%O", origin).replaceAll("%H", host);
}

/** @throws Error that says where everybody stopped, when `play` fails or does not go on */
export async function unlessStuck(play: () => Promise<void>, describe: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`stuck ${describe()}`)), STUCK_MS);
  });
  try {
    await Promise.race([play(), stuck]);
  } catch (error) {
    throw new Error(`${describe()}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function compare(
  expectation: Expectation,
  mode: Http1Mode,
  direct: Run | undefined,
  proxied: Run,
  port: number,
): void {
  if (direct === undefined) {
    if (expectation.kind !== "refused") throw new Error("only a refusal has no direct run");
    expect(proxied.originReceived).toEqual([]);
    expect(proxied.clientReceived).toMatch(new RegExp(`^HTTP/1\\.1 ${expectation.status} `));
    // One answer and no more: what follows is not read as another request.
    expect(proxied.clientReceived.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(proxied.clientEnding).not.toBe("open");
    return;
  }
  const stated = expectation.kind === "differs" ? expectation : undefined;
  const expand = (bytes: string): string => bytes.replaceAll("%O", "").replaceAll("%H", `localhost:${port}`);
  const toOrigin = stated?.toOrigin ?? direct.originReceived.map((bytes) => asForwarded(bytes, mode));
  expect(proxied.originReceived).toHaveLength(toOrigin.length);
  for (const [index, bytes] of toOrigin.entries()) match(proxied.originReceived[index]!, bytes, expand);
  if (stated?.originEndings === "any") expect(proxied.originEndings).not.toContain("open");
  else {
    const endings = stated?.originEndings ?? direct.originEndings;
    expect(proxied.originEndings, "how the origin's connections ended").toEqual(endings);
  }
  match(proxied.clientReceived, stated?.toClient ?? direct.clientReceived, expand);
  expect(proxied.clientEnding, "how the client's connection ended").toBe(
    stated?.clientEnding ?? direct.clientEnding,
  );
}

function match(actual: string, stated: string | RegExp, expand: (bytes: string) => string): void {
  if (typeof stated === "string") expect(actual).toBe(expand(stated));
  else expect(actual).toMatch(stated);
}

/** Without what is for the hop to trafficctl alone (RFC 9110 section 7.6.1; src/proxy/http1/rewrite.ts). */
function asForwarded(bytes: string, mode: Http1Mode): string {
  const atProxy = mode === "absolute" ? bytes.replace(/\r\nproxy-[a-z]+:[^\r\n]*/gi, "") : bytes;
  return atProxy.replace(/\r\nconnection:[ \t]*close[ \t]*(?=\r\n)/gi, "");
}
