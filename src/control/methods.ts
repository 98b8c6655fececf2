// The methods that every recording answers. Rules and breakpoints bring their own (`method`, `subscription`, `answer`).
import { z } from "zod";
import { method, subscription } from "./method.js";

const count = z.number().int().nonnegative();
const nothing = z.object({});

const countsSchema = z.object({
  exchanges: count,
  messages: count,
  errors: count,
  /** Of lines and bodies on disk. */
  bytes: count,
  /** Exchanges and messages that were not kept. */
  dropped: count,
});

export const statusMethod = method("status", {
  params: nothing,
  result: z.object({
    pid: count,
    version: z.string(),
    session: z.string(),
    sessionPath: z.string(),
    url: z.string(),
    host: z.string(),
    port: count,
    /** The origin that the port stands for; absent where it is a proxy. */
    reverse: z.string().exactOptional(),
    /** ISO 8601, UTC. */
    startedAt: z.string(),
    counts: countsSchema,
    /** Exchanges under way. */
    active: count,
    rules: count,
    /** Exchanges that are held. */
    paused: count,
    /** Those that may change, as they are now. */
    options: z.record(z.string(), z.json()),
    /** Why recording has ended although the proxy goes on. */
    recordingStopped: z.string().exactOptional(),
  }),
});
export type ProxyStatus = z.infer<typeof statusMethod.result>;

/** Answered when it is going to stop. */
export const stopMethod = method("stop", { params: nothing, result: z.object({}) });

/** Answered when everything is on disk and nobody finds the proxy any more. */
export const stoppedMethod = method("stopped", {
  params: nothing,
  result: z.object({ counts: countsSchema }),
});

const optionsSchema = z.object({
  options: z.array(
    z.object({
      name: z.string(),
      value: z.json(),
      /** Whether `options.set` takes it. */
      changeable: z.boolean(),
    }),
  ),
});
export type ProxyOptionList = z.infer<typeof optionsSchema>;

export const getOptionsMethod = method("options.get", { params: nothing, result: optionsSchema });

/** All of them, or none where one is refused. Answers with what holds now. */
export const setOptionsMethod = method("options.set", {
  params: z.object({ values: z.record(z.string(), z.json()) }),
  result: optionsSchema,
});

const errorSchema = z.object({ code: z.string(), message: z.string() });

/** Each exchange when it is finished and recorded. */
export const watchExchangesMethod = subscription("exchanges.watch", {
  params: nothing,
  event: z.object({
    id: z.string(),
    seq: count,
    kind: z.enum(["http", "websocket", "tunnel"]),
    startedAt: z.string(),
    method: z.string(),
    url: z.string(),
    httpVersion: z.string(),
    status: z.number().int().nullable(),
    type: z.string().nullable(),
    requestSize: count,
    responseSize: count,
    duration: z.number(),
    error: errorSchema.nullable(),
    messages: count.exactOptional(),
  }),
});
