// One connection to a running proxy, from the client's side: questions out, answers in, each to whoever asked.
import net, { type Socket } from "node:net";
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
  #onGreeting: ((failure?: TrafficError) => void) | undefined;
  #lastId = NO_REQUEST;
  #over: TrafficError | undefined;

  /** @throws TrafficError NOT_RUNNING when it has just ended, IO_FAILED when it does not answer or speaks otherwise. */
  static open(proxy: ProxyEntry): Promise<ControlLink> {
    return new Promise((resolve, reject) => {
      const link: ControlLink = new ControlLink(proxy, (failure) =>
        failure === undefined ? resolve(link) : reject(failure),
      );
    });
  }

  private constructor(proxy: ProxyEntry, onGreeting: (failure?: TrafficError) => void) {
    this.#proxy = proxy;
    const timer = setTimeout(() => this.#end(this.silent(GREETING_LIMIT_MS)), GREETING_LIMIT_MS);
    this.#onGreeting = (failure) => {
      clearTimeout(timer);
      this.#onGreeting = undefined;
      onGreeting(failure);
    };
    const reader = new LineReader(
      MAX_LINE_BYTES,
      (line) => this.#line(line),
      () => this.#end(this.#garbled()),
    );
    this.#socket = net.connect(proxy.socket);
    this.#socket.on("data", (chunk: Buffer) => reader.write(chunk));
    this.#socket.on("error", (cause) => this.#end(this.#gone(cause)));
    this.#socket.on("close", () => this.#end(this.#gone()));
  }

  /** @param take called with events, and once with a result or an error; not after `forget`. @returns the request's id */
  ask(method: string, params: unknown, take: (answer: Answer) => void): number {
    const id = ++this.#lastId;
    if (this.#over === undefined) {
      this.#waiting.set(id, take);
      this.#send({ id, method, params });
    } else take({ kind: "error", error: this.#over });
    return id;
  }

  /** The answer is not wanted any more; the proxy is told. */
  forget(id: number): void {
    if (this.#waiting.delete(id)) this.#send({ cancel: id });
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

  #send(message: ClientMessage): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
