// Writes a session that nobody records: imported, merged, redacted, replayed. It is there as a whole, or not at all.

import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeId, SessionId } from "../exchange/id.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { deleteSessionFolder } from "../session/delete-session.js";
import { type Json, type SessionCounts, writeManifest } from "../session/manifest.js";
import { createRecorder, type Recorder } from "../session/recorder.js";
import { VERSION } from "../version.js";

/** The bytes of a body, as they are to be stored. */
export type BodyBytes = Buffer | AsyncIterable<Buffer> | Iterable<Buffer>;

/** A body whose description is known only when it is stored. */
export interface DescribedBody {
  readonly bytes: BodyBytes;
  readonly describe: (stored: Body) => Body;
}

export interface ExchangeBodies {
  readonly request: BodyBytes | DescribedBody;
  readonly response?: BodyBytes | DescribedBody;
}

export interface SessionWriter {
  /**
   * Adds an exchange, with `seq` counted anew. Its bodies' descriptions say size, truncation and chunks; where and how
   * they are stored is decided here. Resolves when there is room for the next.
   * @throws DISK_FULL, IO_FAILED
   */
  exchange(exchange: Exchange, bodies: ExchangeBodies): Promise<void>;
  /** Adds a message; before its exchange. */
  message(message: WebSocketMessage, body: BodyBytes): Promise<void>;
  /** Keeps what `log` of an imported HAR held beside its entries. */
  har(log: Readonly<Record<string, Json>>): void;
}

export interface NewSession {
  /** As resolveHome gives it. */
  readonly home: string;
  /** Name of the session; without it a time stamp. */
  readonly name: string | undefined;
  /** How it came about, for the manifest. */
  readonly options: Readonly<Record<string, Json>>;
}

export interface WrittenSession {
  readonly id: SessionId;
  readonly path: string;
  readonly counts: SessionCounts;
}

/**
 * @param fill puts the exchanges in; when it throws, the session is removed and the error goes on.
 * @throws BAD_OPTION, SESSION_EXISTS, HOME_UNUSABLE, DISK_FULL, IO_FAILED, and what `fill` throws.
 */
export async function writeSession(
  session: NewSession,
  fill: (writer: SessionWriter) => Promise<void>,
): Promise<WrittenSession> {
  const recorder = await createRecorder({
    home: session.home,
    ...(session.name === undefined ? {} : { name: session.name }),
    bodies: true,
    maxDisk: Number.MAX_SAFE_INTEGER,
    options: session.options,
    version: VERSION,
  });
  try {
    const writer = new RecordingWriter(recorder);
    await fill(writer);
    const manifest = await recorder.close();
    throwIfStopped(recorder);
    if (writer.log !== undefined) await writeManifest(recorder.path, { ...manifest, har: writer.log });
    return { id: recorder.id, path: recorder.path, counts: manifest.counts };
  } catch (error) {
    await recorder.close();
    await deleteSessionFolder(recorder.path);
    throw error;
  }
}

class RecordingWriter implements SessionWriter {
  log: Record<string, Json> | undefined;
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  har(log: Readonly<Record<string, Json>>): void {
    this.log = { ...log };
  }

  async exchange(exchange: Exchange, bodies: ExchangeBodies): Promise<void> {
    const request = await this.#store(exchange.id, "request", exchange.request.body, bodies.request);
    const seq = this.#recorder.nextSeq();
    const described = { ...exchange, seq, request: { ...exchange.request, body: request } };
    if (described.kind === "tunnel" || described.response === undefined) this.#recorder.finished(described);
    else {
      const { response } = described;
      const none = Buffer.alloc(0);
      const body = await this.#store(exchange.id, "response", response.body, bodies.response ?? none);
      this.#recorder.finished({ ...described, response: { ...response, body } });
    }
    await this.#ready();
  }

  async message(message: WebSocketMessage, body: BodyBytes): Promise<void> {
    const stored = await this.#store(message.exchange, "message", message.body, body);
    this.#recorder.message({ ...message, body: stored });
    await this.#ready();
  }

  async #store(
    id: ExchangeId,
    part: "request" | "response" | "message",
    described: Body,
    source: BodyBytes | DescribedBody,
  ): Promise<Body> {
    if (described.kind === "omitted") return described;
    const bytes = "describe" in source ? source.bytes : source;
    const writer = this.#recorder.openBody({ id, part });
    if (Buffer.isBuffer(bytes)) writer.write(bytes);
    else {
      for await (const chunk of bytes) {
        writer.write(chunk);
        await this.#ready();
      }
    }
    if ("describe" in source) return source.describe(writer.end());
    const { size: _stored, ...stored } = writer.end();
    const { size, truncated, chunks, chunksTruncated, decoded } = described;
    return {
      ...stored,
      size,
      ...(truncated === undefined ? {} : { truncated }),
      ...(chunks === undefined ? {} : { chunks }),
      ...(chunksTruncated === undefined ? {} : { chunksTruncated }),
      ...(decoded === undefined ? {} : { decoded }),
    };
  }

  async #ready(): Promise<void> {
    throwIfStopped(this.#recorder);
    if (!this.#recorder.behind) return;
    await new Promise<void>((resolve) => this.#recorder.onDrain(resolve));
    throwIfStopped(this.#recorder);
  }
}

function throwIfStopped({ stop, path }: Recorder): void {
  if (stop === undefined) return;
  const code = stop.reason === "io-error" ? "IO_FAILED" : "DISK_FULL";
  throw new TrafficError(code, `cannot write the session ${path}: ${stop.message}`);
}
