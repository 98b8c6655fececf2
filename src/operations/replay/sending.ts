// Sends requests into a new session: the recorder, the way to the origins and the sender, joined and closed again.
import { TrafficError } from "../../errors.js";
import type { SessionId } from "../../exchange/id.js";
import { upstreamContext } from "../../proxy/roots.js";
import { Sender } from "../../replay/send/sender.js";
import type { Json, SessionCounts } from "../../session/manifest.js";
import { createRecorder, type Recorder } from "../../session/recorder.js";
import { VERSION } from "../../version.js";
import { compileUpstreamProxies, type UpstreamProxyOptions } from "../upstream-proxies.js";
import { readUpstreamTls, type UpstreamTlsOptions } from "../upstream-tls.js";

export interface SendingOptions {
  /** As resolveHome gives it. */
  readonly home: string;
  /** Name of the new session; without it a time stamp. */
  readonly into?: string | undefined;
  readonly tls?: UpstreamTlsOptions;
  readonly upstream?: UpstreamProxyOptions;
  /** How long an origin may take to connect, and be silent, in milliseconds. Default 15 s. */
  readonly timeoutMs?: number | undefined;
}

export interface NewSession {
  readonly id: SessionId;
  readonly path: string;
  readonly counts: SessionCounts;
}

export interface Sending {
  readonly sender: Sender;
  /** Resolves when there is room for what will be recorded. @throws DISK_FULL, IO_FAILED */
  ready(): Promise<void>;
  /** Ends what is under way, and the session. May be called again. */
  close(): Promise<NewSession>;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/**
 * @param origin how the session came about, for its manifest
 * @throws BAD_OPTION, BAD_CERTIFICATE_FILE, SESSION_EXISTS, HOME_UNUSABLE, DISK_FULL, IO_FAILED. Nothing is left then.
 */
export async function openSending(
  options: SendingOptions,
  origin: Readonly<Record<string, Json>>,
): Promise<Sending> {
  const { home, into, tls = {}, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const upstreamProxies = compileUpstreamProxies(options.upstream ?? {});
  const secureContext = await upstreamContext(await readUpstreamTls(tls));
  const recorder = await createRecorder({
    home,
    ...(into === undefined ? {} : { name: into }),
    bodies: true,
    maxDisk: Number.MAX_SAFE_INTEGER,
    options: origin,
    version: VERSION,
  });
  const dial = { secureContext, verify: tls.insecure !== true, timeoutMs, upstreamProxies };
  const sender = new Sender({ recording: recorder, dial, timeoutMs });
  return {
    sender,
    ready: () => roomIn(recorder),
    close: async () => {
      sender.close();
      const { counts } = await recorder.close();
      return { id: recorder.id, path: recorder.path, counts };
    },
  };
}

async function roomIn(recorder: Recorder): Promise<void> {
  if (recorder.behind) await new Promise<void>((resolve) => recorder.onDrain(resolve));
  const { stop, path } = recorder;
  if (stop === undefined) return;
  const code = stop.reason === "io-error" ? "IO_FAILED" : "DISK_FULL";
  throw new TrafficError(code, `cannot write the session ${path}: ${stop.message}`, {
    hint: "what was sent until then is in it; nothing further was sent",
  });
}
