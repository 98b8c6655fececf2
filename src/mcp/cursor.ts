// Where a page ended, for the call that asks for the next one. It belongs to the arguments that it was made for.
import { createHash } from "node:crypto";
import { z } from "zod";
import { TrafficError } from "../errors.js";

export const CURSOR = z
  .string()
  .max(200)
  .exactOptional()
  .describe("nextCursor of the page before; all other arguments as they were");

const shape = z.tuple([z.string(), z.number().int().nonnegative()]);

/** @param args the call's arguments: the cursor and the size of a page may change on the way */
export function cursorFor(tool: string, args: Readonly<Record<string, unknown>>, at: number): string {
  return Buffer.from(JSON.stringify([belongingOf(tool, args), at])).toString("base64url");
}

/** @returns where the page begins: 0 without a cursor. @throws BAD_OPTION */
export function startOf(
  tool: string,
  args: Readonly<Record<string, unknown>> & { readonly cursor?: string },
): number {
  if (args.cursor === undefined) return 0;
  const parsed = shape.safeParse(decoded(args.cursor));
  if (!parsed.success) {
    throw new TrafficError("BAD_OPTION", "the cursor is none that this server gave", {
      hint: "take nextCursor of the page before, or leave the cursor out to begin again",
    });
  }
  const [belonging, at] = parsed.data;
  if (belonging === belongingOf(tool, args)) return at;
  throw new TrafficError("BAD_OPTION", "the cursor belongs to a call with other arguments", {
    hint: "repeat the arguments of the page before, or leave the cursor out to begin again",
  });
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function belongingOf(
  tool: string,
  { cursor: _cursor, limit: _limit, ...args }: Record<string, unknown>,
): string {
  const entries = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([tool, entries]))
    .digest("base64url")
    .slice(0, 10);
}
