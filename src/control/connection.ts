// One client of a control server: its requests, each with its own end, and answers no faster than it reads them.
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { TrafficError } from "../errors.js";
import { LineReader } from "./line-reader.js";
import {
  type ClientMessage,
  MAX_LINE_BYTES,
  MAX_REQUESTS,
  MAX_WAITING_BYTES,
  NO_REQUEST,
  PROTOCOL,
  type ServerMessage,
} from "./protocol.js";
import type { BoundMethod } from "./server.js";
import { toWire } from "./wire-error.js";

export interface ControlConnectionOptions {
  readonly version: string;
  readonly methods: () => Promise<ReadonlyMap<string, BoundMethod>>;
  readonly onClose: () => void;
}

/** A request under way. */
interface Request {
  readonly controller: AbortController;
  /** Events left out since the last one that was sent. */
  lost: number;
}

export class ControlConnection {
  readonly #socket: Socket;
  readonly #options: ControlConnectionOptions;
  readonly #requests = new Map<number, Request>();
  readonly #reader: LineReader;

  constructor(socket: Socket, options: ControlConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new LineReader(
      MAX_LINE_BYTES,
      (line) => this.#line(line),
      () => this.#refuse(`a line is longer than ${MAX_LINE_BYTES} bytes`),
    );
    socket.on("data", (chunk: Buffer) => {
      this.#reader.write(chunk);
      this.#hold();
    });
    socket.on("drain", () => this.#drained());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#reader.stop();
      this.#abortAll();
      options.onClose();
    });
    this.#send({ control: PROTOCOL, version: options.version });
  }

  /** Ends it when what was written has been read, or the time is over. */
  async end(limitMs: number): Promise<void> {
    const socket = this.#socket;
    // The process stays until this is done.
    socket.ref();
    this.#reader.stop();
    this.#abortAll();
    // Those who end by that get to say so.
    await setImmediate();
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), limitMs);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end(() => socket.destroy());
    });
  }

  #line(line: string): void {
    const message = readMessage(line);
    if (message === undefined) this.#refuse("a line is no message of this protocol");
    else if ("cancel" in message) this.#requests.get(message.cancel)?.controller.abort();
    else if (this.#requests.has(message.id)) this.#refuse(`request ${message.id} is under way already`);
    else void this.#run(message);
  }

  async #run({ id, method, params }: { id: number; method: string; params: unknown }): Promise<void> {
    const request: Request = { controller: new AbortController(), lost: 0 };
    this.#requests.set(id, request);
    try {
      const bound = (await this.#options.methods()).get(method);
      if (bound === undefined) throw unknownMethod(method, this.#options.version);
      const { signal } = request.controller;
      const result = await bound.run(params, { signal, emit: (event) => this.#emit(id, request, event) });
      this.#tellLost(id, request);
      this.#send({ id, result: result ?? null });
    } catch (error) {
      this.#send({ id, error: toWire(error) });
    } finally {
      this.#requests.delete(id);
      this.#hold();
    }
  }

  #emit(id: number, request: Request, event: unknown): void {
    if (request.controller.signal.aborted) return;
    if (this.#socket.writableLength > MAX_WAITING_BYTES) {
      request.lost++;
      return;
    }
    this.#tellLost(id, request);
    this.#send({ id, event });
  }

  #tellLost(id: number, request: Request): void {
    if (request.lost === 0) return;
    this.#send({ id, lost: request.lost });
    request.lost = 0;
  }

  #drained(): void {
    for (const [id, request] of this.#requests) this.#tellLost(id, request);
    this.#hold();
  }

  /** Reads on only while answers are taken and not too many are owed. */
  #hold(): void {
    const { writableLength } = this.#socket;
    if (writableLength > MAX_WAITING_BYTES || this.#requests.size >= MAX_REQUESTS) this.#socket.pause();
    else this.#socket.resume();
  }

  #send(message: ServerMessage): void {
    if (!this.#socket.writable) return;
    let line = JSON.stringify(message);
    if (Buffer.byteLength(line) > MAX_LINE_BYTES && "result" in message) {
      const error = new TrafficError("IO_FAILED", `the answer is longer than ${MAX_LINE_BYTES} bytes`);
      line = JSON.stringify({ id: message.id, error: toWire(error) });
    }
    this.#socket.write(`${line}\n`);
  }

  #refuse(problem: string): void {
    this.#reader.stop();
    this.#abortAll();
    this.#send({ id: NO_REQUEST, error: toWire(new TrafficError("BAD_OPTION", problem)) });
    this.#socket.end(() => this.#socket.destroy());
  }

  #abortAll(): void {
    for (const { controller } of this.#requests.values()) controller.abort();
  }
}

/** By hand: a recording that nobody asks never loads zod. Parameters are parsed by their method. */
function readMessage(line: string): ClientMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if ("cancel" in value) return typeof value.cancel === "number" ? { cancel: value.cancel } : undefined;
  if (!("id" in value && "method" in value)) return undefined;
  const { id, method } = value;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id <= NO_REQUEST) return undefined;
  if (typeof method !== "string") return undefined;
  return { id, method, params: "params" in value ? value.params : {} };
}

function unknownMethod(method: string, version: string): TrafficError {
  const name = method.slice(0, 100);
  return new TrafficError("USAGE", `the running proxy (trafficctl ${version}) does not know '${name}'`, {
    hint: "it may be of another version: stop it, and record with this one",
  });
}
