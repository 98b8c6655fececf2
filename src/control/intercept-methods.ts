// The methods by which held exchanges are seen, changed and let go.
import { z } from "zod";
import { method } from "./method.js";

const count = z.number().int().nonnegative();
const fields = z.array(z.tuple([z.string(), z.string()]));

const heldSchema = z.object({
  /** 1, 2, … in the order in which they were held. */
  id: count,
  phase: z.enum(["request", "response"]),
  /** ISO 8601, UTC. */
  since: z.string(),
  method: z.string(),
  url: z.string(),
  /** null of a request. */
  status: z.number().int().nullable(),
  /** The exchange's id in the session; null where it is not recorded. */
  exchange: z.string().nullable(),
});
export type HeldSummary = z.infer<typeof heldSchema>;

const listSchema = z.object({
  /** Which exchanges are held; null: none, beyond what `pause` rules hold. */
  filter: z.string().nullable(),
  held: z.array(heldSchema),
});
export type HeldList = z.infer<typeof listSchema>;

/** As it goes on: with what rules have made of it. */
const messageSchema = z.object({
  method: z.string(),
  url: z.string(),
  httpVersion: z.string(),
  status: z.number().int().nullable(),
  reason: z.string(),
  headers: fields,
  /** Base64 of the content, without its content codings; null where it is not at hand. */
  body: z.string().nullable(),
  /** What stands in place of a body that is not at hand, or why it can't be changed. */
  note: z.string().nullable(),
});
const shownSchema = heldSchema.extend({
  message: messageSchema,
  /** What rules have decided already: `answered` by a rule, so that the request can't be changed any more. */
  decided: z.enum(["continues", "answered", "aborted"]),
});
export type ShownHeld = z.infer<typeof shownSchema>;

/** What is to be other than it is; the rest stays, bytes and all. */
const editSchema = z.object({
  method: z.string().exactOptional(),
  url: z.string().exactOptional(),
  status: z.number().int().min(200).max(599).exactOptional(),
  reason: z.string().exactOptional(),
  headers: fields.exactOptional(),
  /** Base64 of the content; it gets the content codings that the headers name. */
  body: z.string().exactOptional(),
});
export type HeldEdit = z.infer<typeof editSchema>;

export const setInterceptMethod = method("intercept.set", {
  params: z.object({ filter: z.string().nullable() }),
  result: listSchema,
});
export const listHeldMethod = method("intercept.list", { params: z.object({}), result: listSchema });
export const showHeldMethod = method("intercept.show", {
  params: z.object({ id: count }),
  result: shownSchema,
});
/** It goes on, with the changes of an edit where there is one. */
export const resumeHeldMethod = method("intercept.resume", {
  params: z.object({ id: count, edit: editSchema.exactOptional() }),
  result: heldSchema,
});
export const resumeAllHeldMethod = method("intercept.resume-all", {
  params: z.object({}),
  result: z.object({ resumed: z.array(heldSchema) }),
});
/** The connection is closed without an answer. */
export const dropHeldMethod = method("intercept.drop", {
  params: z.object({ id: count }),
  result: heldSchema,
});
