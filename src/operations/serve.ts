// Answers from a recording, as a proxy and as a plain server, with no origin: sources -> index -> intervention -> proxy.
import { join } from "node:path";
import { TrafficError } from "../errors.js";
import { createExchangeIds, type SessionId } from "../exchange/id.js";
import { CertificateAuthority } from "../proxy/authority.js";
import { upstreamContext } from "../proxy/roots.js";
import { type RunningProxy, startProxy } from "../proxy/server.js";
import { AnswerIndex } from "../replay/answer/answer-index.js";
import type { Hit } from "../replay/answer/answer-maker.js";
import { Answering } from "../replay/answer/answering.js";
import type { Miss, MissMode } from "../replay/answer/miss.js";
import type { Pace } from "../replay/answer/pace.js";
import type { AnswerSource } from "../replay/answer/recorded.js";
import { WebSocketStage } from "../replay/answer/web-socket-stage.js";
import { compilePointers } from "../replay/compare/pointers.js";
import { createRecorder, type Recorder } from "../session/recorder.js";
import { VERSION } from "../version.js";
import { resolveHome } from "./home.js";
import { MissLog } from "./serve/miss-log.js";
import { NO_RECORDING } from "./serve/no-recording.js";
import { openSources } from "./serve/sources.js";
import { readUpstreamTls, type UpstreamTlsOptions } from "./upstream-tls.js";

export type { Hit } from "../replay/answer/answer-maker.js";
export { type Miss, type MissMode, missSentence } from "../replay/answer/miss.js";
export type { Pace } from "../replay/answer/pace.js";

export interface ServeOptions {
  /** Sessions by name or path, HAR files (`.har`), fixtures (`.json`, or a folder of them). */
  readonly from: string | readonly string[];
  /** The home folder, with sessions and the certificate authority. Default: as for the command line. */
  readonly home?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Parameters of the query that do not count. */
  readonly ignoreQuery?: readonly string[];
  /** JSON Pointers (`*` for any step) to what does not count in bodies. */
  readonly ignoreBody?: readonly string[];
  /** A request whose body is not equal is a miss. Default: the closest answers. */
  readonly matchBody?: boolean;
  /** The path alone decides, whatever scheme, host and port. */
  readonly ignoreHost?: boolean;
  /** Each recorded exchange answers once. Default: the last one of equal requests repeats. */
  readonly once?: boolean;
  /** Default "404". `pass`: on to the origin; `record`: that, and its exchanges become a session. */
  readonly miss?: MissMode;
  /** Of bodies that stream, and of WebSocket messages. Default "none". */
  readonly pace?: Pace;
  /** Before each response. Default "none". */
  readonly delay?: Pace;
  /** For misses that pass. */
  readonly tls?: UpstreamTlsOptions;
  /** Name of the session of `miss: "record"`; default a time stamp. */
  readonly session?: string;
  readonly onHit?: (hit: Hit) => void;
  readonly onMiss?: (miss: Miss) => void;
  /** Something does not work as it should, and serving goes on. */
  readonly onWarning?: (message: string) => void;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`: a client's base URL, or its proxy. */
  readonly url: string;
  readonly ca: {
    readonly certPath: string;
    readonly certPem: string;
    readonly fingerprint256: string;
    readonly warnings: readonly string[];
  };
  /** Recorded exchanges that can answer. */
  readonly exchanges: number;
  /** Requests that were answered. */
  readonly hits: number;
  /** Requests that were not: the last 10,000. */
  readonly misses: readonly Miss[];
  readonly missCount: number;
  /** Of `miss: "record"`. */
  readonly session?: { readonly id: SessionId; readonly path: string };
  /** Takes no new connections, gives answers under way `graceMs` (default 0). Idempotent. */
  stop(graceMs?: number): Promise<void>;
}

type Closer = () => Promise<unknown>;

const CONNECT_TIMEOUT_MS = 30_000;
const RESPONSE_TIMEOUT_MS = 120_000;

/**
 * @throws PORT_IN_USE, LISTEN_FAILED, BAD_OPTION, SESSION_NOT_FOUND, SESSION_AMBIGUOUS, SESSION_DAMAGED, FILE_NOT_FOUND,
 * HAR_INVALID, FIXTURES_INVALID, CA_UNUSABLE, HOME_UNUSABLE, SESSION_EXISTS. Nothing is left running then.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const home = options.home ?? resolveHome({ flag: undefined, env: process.env });
  const ignoreBody = compilePointers(checkedPointers(options.ignoreBody ?? []));
  const opened: Closer[] = [];
  try {
    const source = await openSources(home, [options.from].flat());
    opened.push(() => source.close());
    const index = await indexOf(source, options.ignoreQuery);
    const authority = await CertificateAuthority.open(join(home, "ca"));
    const recorder = options.miss === "record" ? await missRecorder(home, options) : undefined;
    if (recorder !== undefined) opened.push(() => recorder.close());
    const log = new MissLog(options);
    const pace = options.pace ?? "none";
    const warn = (error: unknown): void =>
      options.onWarning?.(error instanceof Error ? error.message : String(error));
    const stage = new WebSocketStage(pace, warn);
    opened.push(() => stage.close());
    let port: number | undefined;
    const intervention = new Answering(
      index,
      {
        ignoreBody,
        matchBody: options.matchBody ?? false,
        once: options.once ?? false,
        ignoreHost: options.ignoreHost ?? false,
        miss: options.miss ?? "404",
        pace,
        delay: options.delay ?? "none",
        isHere: (url) => portOf(url) === port,
      },
      {
        source,
        play: (recorded) => stage.expect(recorded),
        onHit: (hit) => log.hit(hit),
        onMiss: (miss) => log.miss(miss),
      },
    );
    const proxy = await startProxy(
      {
        host: options.host ?? "127.0.0.1",
        port: options.port ?? 0,
        upstreamContext: await upstreamContext(await readUpstreamTls(options.tls ?? {})),
        verifyOrigins: options.tls?.insecure !== true,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        responseTimeoutMs: RESPONSE_TIMEOUT_MS,
        plainServer: true,
      },
      {
        recording: recorder ?? NO_RECORDING,
        newId: createExchangeIds(),
        select: () => (recorder === undefined ? "skip" : "record"),
        intercepts: () => true,
        contextFor: (name) => authority.contextFor(name),
        landing: () => undefined,
        connectionFailed: ({ client, message }) => options.onWarning?.(`${client.address}: ${message}`),
        intervention,
      },
    );
    port = proxy.port;
    return running({ proxy, authority, recorder, index, log, opened });
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

interface Parts {
  readonly proxy: RunningProxy;
  readonly authority: CertificateAuthority;
  readonly recorder: Recorder | undefined;
  readonly index: AnswerIndex;
  readonly log: MissLog;
  readonly opened: readonly Closer[];
}

function running({ proxy, authority, recorder, index, log, opened }: Parts): RunningServer {
  const { host, port } = proxy;
  let stopping: Promise<void> | undefined;
  const stop = async (graceMs: number): Promise<void> => {
    await proxy.stop(graceMs);
    await closeAll(opened);
  };
  return {
    host,
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: {
      certPath: authority.certPath,
      certPem: authority.certPem,
      fingerprint256: authority.fingerprint256,
      warnings: authority.warnings,
    },
    exchanges: index.exchanges,
    get hits() {
      return log.hits;
    },
    get misses() {
      return log.misses;
    },
    get missCount() {
      return log.missCount;
    },
    ...(recorder === undefined ? {} : { session: { id: recorder.id, path: recorder.path } }),
    stop: (graceMs = 0) => {
      stopping ??= stop(graceMs);
      return stopping;
    },
  };
}

async function indexOf(source: AnswerSource, ignoreQuery: readonly string[] = []): Promise<AnswerIndex> {
  const index = new AnswerIndex(ignoreQuery);
  for await (const facts of source.facts()) index.add(facts);
  return index;
}

function missRecorder(home: string, { session }: ServeOptions): Promise<Recorder> {
  return createRecorder({
    home,
    version: VERSION,
    bodies: true,
    ...(session === undefined ? {} : { name: session }),
    options: { misses: true },
  });
}

/** compilePointers names another flag. */
function checkedPointers(pointers: readonly string[]): readonly string[] {
  for (const pointer of pointers) {
    if (pointer === "" || (pointer.startsWith("/") && !/~(?![01])/.test(pointer))) continue;
    throw new TrafficError("BAD_OPTION", `--ignore-body ${pointer} is no JSON pointer`, {
      hint: "as in --ignore-body /updatedAt or --ignore-body '/items/*/id'",
    });
  }
  return pointers;
}

/** The last opened first. */
async function closeAll(opened: readonly Closer[]): Promise<void> {
  for (const close of opened.toReversed()) await close();
}

/** Who asks for a port of ours asks us: only the path says what is meant. */
function portOf(url: string): number {
  const [, secure, port] = /^http(s?):\/\/[^/?#]*?(?::(\d+))?(?:[/?#]|$)/i.exec(url) ?? [];
  return port === undefined ? (secure === "" ? 80 : 443) : Number(port);
}
