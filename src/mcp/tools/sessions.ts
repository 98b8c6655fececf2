// The recordings on disk.
import { z } from "zod";
import type { SessionInfo } from "../../operations/sessions.js";
import { fitted } from "../budget.js";
import { SESSION, sourceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, MAYBE_TEXT, OBJECT, PAGE, TEXT } from "../output.js";
import { defineTool, READS, type Tool, type ToolContext } from "../tool.js";

export const NEW_SESSION = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
  .describe("Name of the new session");

const SESSION_ROW = {
  session: TEXT,
  state: z.enum(["recording", "stopped", "crashed"]),
  createdAt: TEXT,
  endedAt: MAYBE_TEXT,
  exchanges: COUNT,
  errors: COUNT,
  messages: COUNT,
  bytes: COUNT,
  dropped: COUNT,
  path: TEXT,
  problem: TEXT.exactOptional(),
};

const listSessions = defineTool({
  name: "list_sessions",
  title: "List sessions",
  toolset: "query",
  description:
    "The recordings on disk, the newest first: name, state (recording, stopped, crashed), when, how many exchanges, errors and bytes. Changes nothing. A crashed one is completed by recover_session.",
  input: {
    limit: z.number().int().min(1).max(500).default(50).describe("Sessions of a page; default 50"),
    cursor: CURSOR,
  },
  output: { sessions: z.array(z.object(SESSION_ROW)), ...PAGE },
  effects: READS,
  run: async (input, { settings }) => {
    const operation = await import("../../operations/sessions.js");
    const all = (await operation.listSessions({ home: settings.home })).reverse().map(rowOf);
    const offset = startOf("list_sessions", input);
    const rows = all.slice(offset, offset + input.limit);
    const more = offset + rows.length < all.length;
    const page = { tool: "list_sessions", args: input, rows, offset, more, total: all.length };
    return fitted(page, settings.budget, (shown, facts) => ({
      text:
        all.length === 0
          ? "There is no session yet."
          : `Sessions:${restText(facts)}\n${shown.map(lineOf).join("\n")}`,
      data: { sessions: shown, ...facts },
    }));
  },
});

function rowOf({ id, path, state, createdAt, endedAt, counts, problem }: SessionInfo) {
  return {
    session: id,
    state,
    createdAt,
    endedAt,
    ...counts,
    path,
    ...(problem === undefined ? {} : { problem }),
  };
}

function lineOf({ session, state, createdAt, exchanges, errors, bytes }: ReturnType<typeof rowOf>): string {
  return `${session}  ${state}  ${createdAt}  ${exchanges} exchanges, ${errors} errors, ${bytes} B`;
}

const showSession = defineTool({
  name: "show_session",
  title: "Show one session",
  toolset: "query",
  description:
    "One recording: state, times, counts, bytes on disk, how it was recorded or what it was made from, what was dropped and why. For its exchanges use list_exchanges, for an overview of them get_statistics.",
  input: { session: SESSION },
  output: {
    ...SESSION_ROW,
    diskBytes: COUNT,
    tornBytes: COUNT,
    version: TEXT.exactOptional(),
    options: OBJECT.exactOptional().describe("How it was recorded, or what it was made from"),
    drops: OBJECT.exactOptional(),
    stop: OBJECT.exactOptional().describe("Why recording ended before the proxy did"),
  },
  effects: READS,
  run: async ({ session }, context) => {
    const operation = await import("../../operations/sessions.js");
    const details = await operation.showSession(await referenceOf(session, context));
    const { manifest, diskBytes, tornBytes } = details;
    const row = rowOf(details);
    const made =
      manifest === undefined
        ? {}
        : {
            version: manifest.version,
            options: context.safe.deep(manifest.options),
            drops: manifest.drops,
            ...(manifest.stop === undefined ? {} : { stop: manifest.stop }),
          };
    return {
      text: `${lineOf(row)}, ${diskBytes} B on disk`,
      data: { ...row, diskBytes, tornBytes, ...made },
    };
  },
});

export async function referenceOf(session: string, context: ToolContext) {
  return { home: context.settings.home, session: await sourceOf(session, context) };
}

export const SESSION_TOOLS: readonly Tool[] = [listSessions, showSession];
