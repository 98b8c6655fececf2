// The other end of the control socket: asks a running proxy, and listens to it.
import type { z } from "zod";
import { TrafficError } from "../errors.js";
import { type Answer, ControlLink } from "./link.js";
import type { Method } from "./method.js";
import { ANSWER_LIMIT_MS } from "./protocol.js";
import { type ControlHome, chooseProxy, type ProxyEntry, runningProxies } from "./running.js";

interface CallOptions {
  /** Gives the request up, in the proxy too. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the answer; default 10 s. Infinity: as long as the proxy runs. */
  readonly timeoutMs?: number;
}

interface WatchOptions {
  readonly signal?: AbortSignal;
  /** So many events were left out, since they were not taken fast enough. */
  readonly onLost?: (count: number) => void;
}

export interface ControlClient extends Disposable {
  readonly proxy: ProxyEntry;
  /**
   * @throws TrafficError as the method does; NOT_RUNNING when the proxy ends before it answers, IO_FAILED when it does not
   * answer in time; the signal's reason
   */
  call<Params, Result, Event>(
    method: Method<Params, Result, Event>,
    params: Params,
    options?: CallOptions,
  ): Promise<Result>;
  /** Events until the proxy stops or `signal` is aborted, over a connection of its own. @throws as `call` does */
  watch<Params, Result, Event>(
    method: Method<Params, Result, Event>,
    params: Params,
    options?: WatchOptions,
  ): AsyncGenerator<Event, void, undefined>;
}

/** Events that wait here before the proxy has to keep them, and then to leave them out. */
const MAX_QUEUED = 1_000;

/** Connects to the proxy that a person means. @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS, IO_FAILED */
export async function connectControl(
  where: ControlHome,
  reference: string | undefined,
): Promise<ControlClient> {
  return connectTo(chooseProxy(await runningProxies(where), reference));
}

/** @throws TrafficError NOT_RUNNING when it has just ended, IO_FAILED when it does not answer */
export async function connectTo(proxy: ProxyEntry): Promise<ControlClient> {
  const link = await ControlLink.open(proxy);
  return {
    proxy,
    call: (method, params, options = {}) => call(link, method, params, options),
    watch: (method, params, options = {}) => watch(proxy, method, params, options),
    [Symbol.dispose]: () => link.close(),
  };
}

function call<Params, Result, Event>(
  link: ControlLink,
  method: Method<Params, Result, Event>,
  params: Params,
  { signal, timeoutMs = ANSWER_LIMIT_MS }: CallOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const giveUp = (reason: unknown): void => {
      release();
      link.forget(id);
      reject(reason);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => giveUp(link.silent(timeoutMs)), timeoutMs)
      : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    const id = link.ask(method.name, params, (answer) => {
      if (answer.kind !== "result" && answer.kind !== "error") return;
      release();
      try {
        resolve(resultOf(answer, method));
      } catch (error) {
        reject(error);
      }
    });
  });
}

async function* watch<Params, Result, Event>(
  proxy: ProxyEntry,
  method: Method<Params, Result, Event>,
  params: Params,
  { signal, onLost }: WatchOptions,
): AsyncGenerator<Event, void, undefined> {
  // A reader that takes its time holds this one up, and no answer to anything else.
  const link = await ControlLink.open(proxy);
  const queue: Answer[] = [];
  let wake = (): void => {};
  const onAbort = (): void => wake();
  signal?.addEventListener("abort", onAbort, { once: true });
  link.ask(method.name, params, (answer) => {
    queue.push(answer);
    if (queue.length >= MAX_QUEUED) link.pause();
    wake();
  });
  try {
    while (signal?.aborted !== true) {
      const next = queue.shift();
      if (next === undefined) {
        link.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (next.kind === "event") yield parsed(method.event, next.value, method.name);
      else if (next.kind === "lost") onLost?.(next.count);
      else {
        resultOf(next, method);
        return;
      }
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    link.close();
  }
}

function resultOf<Params, Result, Event>(answer: Answer, method: Method<Params, Result, Event>): Result {
  if (answer.kind === "error") throw answer.error;
  return parsed(method.result, answer.kind === "result" ? answer.value : undefined, method.name);
}

function parsed<T>(shape: z.ZodType<T>, value: unknown, name: string): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw new TrafficError("IO_FAILED", `the proxy's answer to '${name}' can't be understood`, {
    hint: "it may be of another version of trafficctl",
    cause: result.error,
  });
}
