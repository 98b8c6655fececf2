// The recordings on disk.
import { z } from "zod";
import type { SessionInfo } from "../../operations/sessions.js";
import { fitted, within } from "../budget.js";
import { choiceOf, FILTER, SESSION, sourceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { Refusal } from "../refusal.js";
import { ADDS, DESTROYS, defineTool, READS, type Tool, type ToolContext } from "../tool.js";

export const NEW_SESSION = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
  .describe("Name of the new session");

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
            options: manifest.options,
            drops: manifest.drops,
            stop: manifest.stop,
          };
    return within(
      { text: `${lineOf(row)}, ${diskBytes} B on disk`, data: { ...row, diskBytes, tornBytes, ...made } },
      context.settings.budget,
    );
  },
});

const deleteSession = defineTool({
  name: "delete_session",
  title: "Delete a session",
  toolset: "query",
  description:
    "Deletes a recording from the disk, for good. Only by its full name, and not while it is being recorded. Ask the user first, unless this client made it.",
  input: { session: z.string().min(1).max(128).describe("The full name of the session") },
  effects: DESTROYS,
  run: async ({ session }, { settings: { home } }) => {
    const operation = await import("../../operations/sessions.js");
    const { id } = await operation.showSession({ home, session: nameOnly(session) });
    if (id !== session) {
      throw new Refusal(
        `'${session}' is not the full name of a session`,
        `the session that begins so is ${id}`,
      );
    }
    const { freedBytes, left, path } = await operation.deleteSession({ home, session });
    return { text: `Deleted session ${id}: ${freedBytes} B.`, data: { session: id, path, freedBytes, left } };
  },
});

/** A path or `last` is too easily something else than was meant. */
function nameOnly(session: string): string {
  if (session !== "last" && /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(session)) return session;
  throw new Refusal(`'${session}' is no name of a session`, "list_sessions names them");
}

const recoverSession = defineTool({
  name: "recover_session",
  title: "Recover a crashed session",
  toolset: "query",
  description:
    "Completes a recording whose recorder was killed: cuts off a torn last line, gives exchanges that were under way a final line, counts again. Loses nothing that can be read; not needed for reading it. Does nothing to a session that is whole, and refuses one that is being recorded.",
  input: { session: SESSION },
  effects: { ...ADDS, idempotentHint: true },
  run: async ({ session }, context) => {
    const operation = await import("../../operations/sessions.js");
    const { manifest, orphans, ...recovery } = await operation.recoverSession(
      await referenceOf(session, context),
    );
    const { counts } = manifest;
    const what = recovery.changed
      ? `Recovered: ${recovery.completed} exchanges completed`
      : "There was nothing to recover";
    return within(
      {
        text: `${what}. Session ${recovery.id} has ${counts.exchanges} exchanges.`,
        data: {
          ...recovery,
          session: recovery.id,
          counts,
          orphans: orphans.slice(0, 20),
          orphanCount: orphans.length,
        },
      },
      context.settings.budget,
    );
  },
});

async function referenceOf(session: string, context: ToolContext) {
  return { home: context.settings.home, session: await sourceOf(session, context) };
}

const mergeSessions = defineTool({
  name: "merge_sessions",
  title: "Merge sessions",
  toolset: "query",
  description:
    "Copies the exchanges of several sessions or HAR files into a new session, sorted by start, each once. With a filter or conditions only those that match. The sources stay as they are.",
  input: {
    sessions: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(100)
      .describe("Names, or paths inside the roots"),
    filter: FILTER,
    into: NEW_SESSION,
  },
  effects: ADDS,
  run: async ({ sessions, into, ...input }, context) => {
    const { sessionPath } = await import("../../operations/sessions.js");
    const { merge } = await import("../../operations/merge.js");
    const { home } = context.settings;
    const words: string[] = [];
    for (const session of sessions) {
      const source = await sourceOf(session, context);
      // As a path: of several words one that is only the beginning of a name would be taken for a filter.
      const isFile = /\.(?:har|har\.gz|zhar|zip|jsonl)$/i.test(source);
      words.push(isFile || source === "all" ? source : await sessionPath({ home, session: source }));
    }
    const choice = { ...(await choiceOf({ ...input, session: "last" }, context)), words };
    const onWritten = (done: number, total: number): void => context.progress(done, total);
    const merged = await merge({ ...choice, into, signal: context.signal, onWritten });
    const { id, path, counts, duplicates } = merged;
    return {
      text: `Session ${id} has ${counts.exchanges} exchanges${duplicates === 0 ? "" : `; ${duplicates} were there more than once`}.`,
      data: { session: id, path, counts, duplicates },
    };
  },
});

export const SESSION_TOOLS: readonly Tool[] = [
  listSessions,
  showSession,
  deleteSession,
  recoverSession,
  mergeSessions,
];
