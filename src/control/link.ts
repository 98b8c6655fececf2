// One connection to a running proxy, from the client's side: questions out, answers in, each to whoever asked.
import net, { type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { systemCode, TrafficError } from "../errors.js";
import { LineReader } from "./line-reader.js";
import { type ClientMessage, GREETING_LIMIT_MS, MAX_LINE_BYTES, NO_REQUEST, PROTOCOL } from "./protocol.js";
import type { ProxyEntry } from "./running.js";
import { fromWire } from "./wire-error.js";

export type Answer =
  | { readonly kind: "result" | "event"; readonly value: unknown }
  | { readonly kind: "lost"; readonly count: number }
  | { readonly kind: "error"; readonly error: TrafficError };

/** Before it is tried again where there are too many connections. */
const FULL_PAUSE_MS = 50;

const greetingSchema = z.object({ control: z.number(), version: z.string() });
const answerSchema = z.object({
  id: z.number().int().nonnegative(),
  result: z.unknown().optional(),
  event: z.unknown().optional(),
  lost: z.number().int().positive().optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
});

export class ControlLink {
  readonly #proxy: ProxyEntry;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #greeting: Promise<TrafficError | undefined>;
  #onGreeting: ((failure?: TrafficError) => void) | undefined;
  #isConnected = false;
  #isTurnedAway = false;
  #lastId = NO_REQUEST;
  #over: TrafficError | undefined;

  /**
   * @param limitMs how long to try again where it has too many connections
   * @throws TrafficError NOT_RUNNING when it has just ended, IO_FAILED when it does not answer or speaks otherwise.
   */
  static async open(proxy: ProxyEntry, limitMs = GREETING_LIMIT_MS): Promise<ControlLink> {
    const end = performance.now() + limitMs;
    for (;;) {
      const link: ControlLink = new ControlLink(proxy);
      const failure = await link.#greeting;
      if (failure === undefined) return link;
      if (!link.#isTurnedAway || performance.now() >= end) throw failure;
      await setTimeout(FULL_PAUSE_MS);
    }
  }

  private constructor(proxy: ProxyEntry) {
    this.#proxy = proxy;
    this.#greeting = new Promise((resolve) => {
      const timer = globalThis.setTimeout(() => this.#end(this.silent(GREETING_LIMIT_MS)), GREETING_LIMIT_MS);
      this.#onGreeting = (failure) => {
        clearTimeout(timer);
        this.#onGreeting = undefined;
        resolve(failure);
      };
    });
    const reader = new LineReader(
      MAX_LINE_BYTES,
      (line) => this.#line(line),
      () => this.#end(this.#garbled()),
    );
    this.#socket = net.connect(proxy.socket);
    this.#socket.on("connect", () => {
      this.#isConnected = true;
    });
    this.#socket.on("data", (chunk: Buffer) => reader.write(chunk));
    this.#socket.on("error", (cause) => this.#end(this.#closed(cause)));
    this.#socket.on("close", () => this.#end(this.#closed()));
  }

  /** @param take called with events, and once with a result or an error; not after `forget`. @returns the request's id */
  ask(method: string, params: unknown, take: (answer: Answer) => void): number {
    const id = ++this.#lastId;
    const line = JSON.stringify({ id, method, params } satisfies ClientMessage);
    const error = this.#over ?? tooLong(Buffer.byteLength(line));
    if (error === undefined) {
      this.#waiting.set(id, take);
      this.#socket.write(`${line}\n`);
    } else take({ kind: "error", error });
    return id;
  }

  /** The answer is not wanted any more; the proxy is told. */
  forget(id: number): void {
    if (!this.#waiting.delete(id)) return;
    this.#socket.write(`${JSON.stringify({ cancel: id } satisfies ClientMessage)}\n`);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#waiting.clear();
    this.#end(this.#gone());
  }

  /** The error for a proxy that takes its time. */
  silent(limitMs: number): TrafficError {
    const { session, pid } = this.#proxy;
    return new TrafficError(
      "IO_FAILED",
      `the proxy of session '${session}' (process ${pid}) did not answer within ${limitMs / 1000} s`,
      { hint: `it may be suspended: \`kill -CONT ${pid}\` lets it go on` },
    );
  }

  #line(line: string): void {
    if (this.#over !== undefined) return;
    const value = parseJson(line);
    if (this.#onGreeting !== undefined) {
      this.#greeted(value);
      return;
    }
    const parsed = answerSchema.safeParse(value);
    if (!parsed.success) {
      this.#end(this.#garbled());
      return;
    }
    const { id, error, lost, event } = parsed.data;
    if (error !== undefined && id === NO_REQUEST) this.#end(fromWire(error));
    else if (error !== undefined) this.#answer(id, { kind: "error", error: fromWire(error) }, true);
    else if (lost !== undefined) this.#answer(id, { kind: "lost", count: lost }, false);
    else if (event !== undefined) this.#answer(id, { kind: "event", value: event }, false);
    else this.#answer(id, { kind: "result", value: parsed.data.result }, true);
  }

  #greeted(value: unknown): void {
    const parsed = greetingSchema.safeParse(value);
    if (!parsed.success) this.#end(this.#garbled());
    else if (parsed.data.control === PROTOCOL) this.#onGreeting?.();
    else {
      const { session, pid } = this.#proxy;
      const problem = `the proxy of session '${session}' is of trafficctl ${parsed.data.version}, which is controlled otherwise`;
      const hint = `use that version, or stop it with: kill ${pid}`;
      this.#end(new TrafficError("IO_FAILED", problem, { hint }));
    }
  }

  #answer(id: number, answer: Answer, last: boolean): void {
    const take = this.#waiting.get(id);
    if (last) this.#waiting.delete(id);
    take?.(answer);
  }

  #end(error: TrafficError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#socket.destroy();
    this.#onGreeting?.(error);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const take of waiting) take({ kind: "error", error });
  }

  /** Before a word was said: by a server that has as many connections as it takes, or that ends. */
  #closed(cause?: Error): TrafficError {
    const code = systemCode(cause);
    const isLate = this.#onGreeting === undefined || !this.#isConnected;
    if (isLate || (code !== undefined && code !== "ECONNRESET")) return this.#gone(cause);
    this.#isTurnedAway = true;
    const problem = `the proxy of session '${this.#proxy.session}' takes no more connections`;
    return new TrafficError("IO_FAILED", problem, { hint: "many commands talk to it at once: try again" });
  }

  #gone(cause?: Error): TrafficError {
    const code = systemCode(cause);
    const why = code === undefined || code === "ECONNRESET" || code === "EPIPE" ? "" : ` (${code})`;
    return new TrafficError("NOT_RUNNING", `the proxy of session '${this.#proxy.session}' has ended${why}`, {
      hint: "`trafficctl status` lists those that run",
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #garbled(): TrafficError {
    return new TrafficError("IO_FAILED", `what listens on ${this.#proxy.socket} is no trafficctl`);
  }
}

function tooLong(bytes: number): TrafficError | undefined {
  if (bytes <= MAX_LINE_BYTES) return undefined;
  const problem = `that is more than a proxy takes at once: ${bytes} bytes of ${MAX_LINE_BYTES}`;
  return new TrafficError("BAD_OPTION", problem);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
