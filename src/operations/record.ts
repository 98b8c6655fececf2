// Records: the certificate authority, the session's recorder and the proxy, joined. The first half of the data's path
// on one screen: client -> proxy -> capture -> recorder -> JSONL.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { HeldSummary } from "../control/intercept-methods.js";
import type { TrafficError } from "../errors.js";
import type { Exchange } from "../exchange/exchange.js";
import { createExchangeIds, type SessionId } from "../exchange/id.js";
import type { Recording } from "../exchange/recording.js";
import { compileHostGlob, type SelectionFlags } from "../filter/selection.js";
import { CertificateAuthority } from "../proxy/authority.js";
import type { ProxyHooks } from "../proxy/hooks.js";
import { upstreamContext } from "../proxy/roots.js";
import { startProxy } from "../proxy/server.js";
import type { Json, RecordingStop, SessionCounts } from "../session/manifest.js";
import { createRecorder, type Recorder, type RecorderOptions } from "../session/recorder.js";
import { VERSION } from "../version.js";
import { openRecordingControl, type RecordingControl } from "./control/recording-control.js";
import { filterOption, interceptOption, maxBodyOption } from "./control/run-time-options.js";
import { landingPage } from "./landing.js";
import { proxyUrl, readAccess } from "./proxy-access.js";
import { RecordSelection } from "./record-selection.js";
import { RecordingRules, type RecordRulesOptions } from "./rules/recording-rules.js";
import { compileUpstreamProxies, type UpstreamProxyOptions, upstreamProxyNames } from "./upstream-proxies.js";
import { readUpstreamTls, type UpstreamTlsOptions } from "./upstream-tls.js";

export interface RecordOptions {
  /** The home folder: sessions and the certificate authority live in it. */
  readonly home: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 8080; 0 takes a free one. */
  readonly port?: number;
  /** The session's name; default a time stamp. */
  readonly session?: string;
  readonly select?: SelectionFlags;
  /** Record only what this matches; what the request leaves open is decided with the response's head. */
  readonly filter?: string;
  /** Keep the last N exchanges. */
  readonly maxExchanges?: number;
  /** `clear` will be asked for: each larger body gets a file of its own, which costs some time. */
  readonly clearable?: boolean;
  /** Bytes of each body to keep; default all. */
  readonly maxBody?: number;
  /** False keeps no bodies. */
  readonly bodies?: boolean;
  /** Bytes of the session on disk; default 1 GiB. */
  readonly maxDisk?: number;
  readonly tls?: RecordTlsOptions;
  /** What changes traffic, or holds it. */
  readonly rules?: RecordRulesOptions;
  readonly upstream?: UpstreamProxyOptions;
  /** `user:password` that clients of the proxy have to give. */
  readonly proxyAuth?: string;
  /** The URL of an origin: clients talk to the port as if it were that server. Default: a proxy. */
  readonly reverse?: string;
  /** How long an origin may take to connect, and to begin its response, in milliseconds. Default 30 s and 120 s. */
  readonly connectTimeoutMs?: number;
  readonly timeoutMs?: number;
  readonly onExchange?: (exchange: Exchange) => void;
  /** A connection that never became an exchange: a client that broke off, or sent no HTTP. */
  readonly onConnectionFailure?: (failure: { address: string; message: string }) => void;
  /** Recording ended early (a full disk, --max-disk); the proxy goes on. */
  readonly onRecordingStopped?: (info: RecordingStop) => void;
  /** Something does not work as it should, and recording goes on. */
  readonly onWarning?: (warning: TrafficError) => void;
  /** A rule file was saved: so many rules are in force; with an `error` it was wrong, and those before stay. */
  readonly onRules?: (rules: number, error?: TrafficError) => void;
  /** An exchange is held at a breakpoint. */
  readonly onHeld?: (held: HeldSummary) => void;
  /** Somebody wants it to stop (`trafficctl stop`). Default: it stops. */
  readonly onStopRequested?: () => void;
}

export interface RecordTlsOptions extends UpstreamTlsOptions {
  /** Host globs that are tunnelled, not decrypted. */
  readonly passthrough?: readonly string[];
  /** Only these host globs are decrypted. */
  readonly interceptOnly?: readonly string[];
  /** Tunnel a host from when a client refused our certificate for it. */
  readonly failOpen?: boolean;
}

export interface RunningRecording {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`: what a client takes as its proxy, or its server where the mode is reverse. */
  readonly url: string;
  /** The same with the user and the password that the proxy wants, if it does. */
  readonly urlWithCredentials: string;
  /** The origin that the port stands for; absent where it is a proxy. */
  readonly reverse?: string;
  readonly ca: {
    readonly certPath: string;
    readonly certPem: string;
    readonly fingerprint256: string;
    /** SHA-256 of the public key in base64, as Chromium's --ignore-certificate-errors-spki-list takes it. */
    readonly spkiFingerprint: string;
    /** What was wrong with its files and has been put right, such as a key that others could read. */
    readonly warnings: readonly string[];
  };
  readonly session: { readonly id: SessionId; readonly path: string };
  counts(): SessionCounts;
  /**
   * Takes all finished exchanges out of the session, and goes on.
   * @returns how many; undefined where it was not started `clearable`, or recording has ended
   */
  clear(): Promise<number | undefined>;
  /** Takes no new connections, gives exchanges under way `graceMs` (default 5 s), writes everything out. Idempotent. */
  stop(graceMs?: number): Promise<SessionCounts>;
}

const DEFAULT_GRACE_MS = 5_000;

/**
 * @throws TrafficError PORT_IN_USE, LISTEN_FAILED, SESSION_EXISTS, BAD_OPTION, FILTER_INVALID, RULES_INVALID,
 * FILE_NOT_FOUND, BAD_CERTIFICATE_FILE, CA_UNUSABLE, HOME_UNUSABLE. Nothing is left running or on disk then, but for the authority.
 */
export async function record(options: RecordOptions): Promise<RunningRecording> {
  const host = options.host ?? "127.0.0.1";
  const warn = (warning: TrafficError): void => options.onWarning?.(warning);
  const selection = new RecordSelection(options.select ?? {}, options.filter, warn);
  const upstreamProxies = compileUpstreamProxies(options.upstream ?? {});
  const access = readAccess(options);
  const intercepts = compileInterception(options.tls ?? {});
  const context = await upstreamContext(await readUpstreamTls(options.tls ?? {}));
  const authority = await CertificateAuthority.open(join(options.home, "ca"));
  const rules = await RecordingRules.open(options.rules ?? {}, {
    onRules: (count, error) => options.onRules?.(count, error),
    onHeld: (held) => options.onHeld?.(held),
    onWarning: warn,
  });
  const recorder = await createRecorder(recorderOptions(options)).catch((error: unknown) => {
    rules.close();
    throw error;
  });
  let control: RecordingControl | undefined;
  const hooks: ProxyHooks = {
    recording: withListener(recorder, (exchange) => {
      options.onExchange?.(exchange);
      control?.exchange(exchange);
    }),
    newId: createExchangeIds(),
    select: selection.select,
    intercepts,
    intervention: rules,
    contextFor: (name) => authority.contextFor(name),
    landing: (target) =>
      access.reverse === undefined ? landingPage(target, authority, recorder.id) : undefined,
    connectionFailed: ({ client, message }) =>
      options.onConnectionFailure?.({ address: client.address, message }),
  };
  const proxy = await startProxy(
    {
      host,
      port: options.port ?? 8080,
      upstreamContext: context,
      verifyOrigins: options.tls?.insecure !== true,
      connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
      responseTimeoutMs: options.timeoutMs ?? 120_000,
      failOpen: options.tls?.failOpen === true,
      ...(upstreamProxies === undefined ? {} : { upstreamProxies }),
      ...access,
    },
    hooks,
  ).catch(async (error: unknown) => {
    rules.close();
    await recorder.close();
    await rm(recorder.path, { recursive: true, force: true });
    throw error;
  });

  let stopping: Promise<SessionCounts> | undefined;
  const stop = async (graceMs: number): Promise<SessionCounts> => {
    // What is held goes on, and has the time that all have.
    rules.close();
    await proxy.stop(graceMs);
    await rules.settled();
    await recorder.close();
    await control?.close(recorder.counts());
    return recorder.counts();
  };
  const stopOnce = (graceMs = DEFAULT_GRACE_MS): Promise<SessionCounts> => {
    stopping ??= stop(graceMs);
    return stopping;
  };
  const place = `${host.includes(":") ? `[${host}]` : host}:${proxy.port}`;
  const session = { id: recorder.id, path: recorder.path };
  const listening = {
    host,
    port: proxy.port,
    url: `${access.reverse?.scheme ?? "http"}://${place}`,
    ...(options.reverse === undefined ? {} : { reverse: options.reverse }),
  };
  control = await openRecordingControl(
    {
      ...listening,
      home: options.home,
      session,
      active: () => proxy.active,
      counts: () => recorder.counts(),
      stopReason: () => recorder.stop?.message,
      rules: () => rules.count,
      paused: () => rules.held,
      changeable: [
        filterOption(selection),
        interceptOption(rules),
        maxBodyOption(recorder, options.bodies ?? true),
      ],
      moreMethods: async () => {
        const { ruleMethods } = await import("./rules/rule-methods.js");
        const { interceptMethods } = await import("./intercept/intercept-methods.js");
        return [...ruleMethods(rules), ...interceptMethods(rules)];
      },
      fixed: { ...manifestOptions(options), port: proxy.port },
      requestStop: options.onStopRequested ?? (() => void stopOnce()),
    },
    warn,
  );
  return {
    ...listening,
    urlWithCredentials: proxyUrl(place, access.credentials),
    ca: {
      certPath: authority.certPath,
      certPem: authority.certPem,
      fingerprint256: authority.fingerprint256,
      spkiFingerprint: authority.spkiFingerprint,
      warnings: authority.warnings,
    },
    session,
    counts: () => recorder.counts(),
    clear: () => recorder.clear(),
    stop: stopOnce,
  };
}

/** The recorder, with each finished exchange told to a listener as well. */
function withListener(recorder: Recorder, listener: (exchange: Exchange) => void): Recording {
  return {
    nextSeq: () => recorder.nextSeq(),
    openBody: (options) => recorder.openBody(options),
    opened: (exchange) => recorder.opened(exchange),
    message: (message) => recorder.message(message),
    finished: (exchange) => {
      recorder.finished(exchange);
      listener(exchange);
    },
    get behind() {
      return recorder.behind;
    },
    onDrain: (callback) => recorder.onDrain(callback),
  };
}

function recorderOptions(options: RecordOptions): RecorderOptions {
  const { onRecordingStopped } = options;
  return {
    home: options.home,
    version: VERSION,
    bodies: options.bodies ?? true,
    ...(options.session === undefined ? {} : { name: options.session }),
    ...(options.maxExchanges === undefined ? {} : { maxExchanges: options.maxExchanges }),
    ...(options.clearable === undefined ? {} : { clearable: options.clearable }),
    ...(options.maxBody === undefined ? {} : { maxBody: options.maxBody }),
    ...(options.maxDisk === undefined ? {} : { maxDisk: options.maxDisk }),
    ...(onRecordingStopped === undefined ? {} : { onStopped: onRecordingStopped }),
    options: manifestOptions(options),
  };
}

/** What the manifest keeps of how a session was recorded: no paths of keys, no functions. */
function manifestOptions(options: RecordOptions): Record<string, Json> {
  const { select = {}, tls = {} } = options;
  const chosen: Record<string, Json | undefined> = {
    host: options.host,
    port: options.port,
    methods: select.methods?.slice(),
    urls: select.urls?.slice(),
    hostnames: select.hostnames?.slice(),
    streaming: select.streaming,
    filter: options.filter,
    maxExchanges: options.maxExchanges,
    maxBody: options.maxBody,
    bodies: options.bodies,
    maxDisk: options.maxDisk,
    insecure: tls.insecure,
    passthrough: tls.passthrough?.slice(),
    interceptOnly: tls.interceptOnly?.slice(),
    failOpen: tls.failOpen,
    upstreamProxy: upstreamProxyNames(options.upstream ?? {}),
    noUpstreamProxy: options.upstream?.bypass?.slice(),
    proxyAuth: options.proxyAuth === undefined ? undefined : true,
    reverse: options.reverse,
    rules: options.rules?.files?.slice(),
    intercept: options.rules?.intercept,
  };
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(chosen)) if (value !== undefined) kept[name] = value;
  return kept;
}

function compileInterception(options: RecordTlsOptions): (host: string) => boolean {
  const passthrough = (options.passthrough ?? []).map(compileHostGlob);
  const only = options.interceptOnly?.map(compileHostGlob);
  return (host) => {
    if (passthrough.some((matches) => matches(host))) return false;
    return only === undefined || only.length === 0 || only.some((matches) => matches(host));
  };
}
