// A method of a running proxy: its name and its shapes, known to both ends, and what answers it in the proxy.
import { z } from "zod";
import { TrafficError } from "../errors.js";
import type { BoundMethod, RequestContext } from "./server.js";

/** Both ends parse what the other one sent by these. `Event` is what it sends while it is under way. */
export interface Method<Params, Result, Event = never> {
  readonly name: string;
  readonly params: z.ZodType<Params>;
  readonly result: z.ZodType<Result>;
  readonly event: z.ZodType<Event>;
}

/** One question, one answer. */
export function method<Params, Result>(
  name: string,
  shapes: { readonly params: z.ZodType<Params>; readonly result: z.ZodType<Result> },
): Method<Params, Result> {
  return { name, ...shapes, event: z.never() };
}

/** One question, and events until the client has enough. */
export function subscription<Params, Event>(
  name: string,
  shapes: { readonly params: z.ZodType<Params>; readonly event: z.ZodType<Event> },
): Method<Params, null, Event> {
  return { name, ...shapes, result: z.null() };
}

export interface HandlerContext<Event> extends RequestContext {
  /** Sends an event. Where the reader is too slow it is left out, and the client is told how many were. */
  emit(event: Event): void;
}

/** Joins a method with what answers it. Throws and rejections reach the client as TrafficErrors. */
export function answer<Params, Result, Event>(
  { name, params: shape }: Method<Params, Result, Event>,
  handler: (params: Params, context: HandlerContext<Event>) => Result | Promise<Result>,
): BoundMethod {
  return {
    name,
    run: async (params, context) => {
      const parsed = shape.safeParse(params);
      if (parsed.success) return await handler(parsed.data, context);
      const problem = z.prettifyError(parsed.error);
      throw new TrafficError("BAD_OPTION", `${name} was asked with wrong parameters: ${problem}`);
    },
  };
}
