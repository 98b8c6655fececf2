// Recordings on disk, changed: deleted, recovered, merged.
import { z } from "zod";
import { FILTER, SESSION, sourceOf } from "../choice.js";
import { COUNT, FLAG, NEW_SESSION_FACTS, OBJECT, TEXT } from "../output.js";
import { Refusal } from "../refusal.js";
import { ADDS, DESTROYS, defineTool, type Tool } from "../tool.js";
import { NEW_SESSION, referenceOf } from "./sessions.js";

const deleteSession = defineTool({
  name: "delete_session",
  title: "Delete a session",
  toolset: "query",
  description:
    "Deletes a recording from the disk, for good. Only by its full name, and not while it is being recorded. Ask the user first, unless this client made it.",
  input: { session: z.string().min(1).max(128).describe("The full name of the session") },
  output: { session: TEXT, path: TEXT, freedBytes: COUNT, left: z.array(TEXT) },
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
  output: {
    session: TEXT,
    id: TEXT,
    path: TEXT,
    counts: OBJECT,
    changed: FLAG,
    completed: COUNT,
    tornBytes: COUNT,
    damaged: COUNT,
    damagedLines: z.array(COUNT),
    orphans: z.array(TEXT),
    orphanCount: COUNT,
  },
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
    return {
      text: `${what}. Session ${recovery.id} has ${counts.exchanges} exchanges.`,
      data: {
        ...recovery,
        session: recovery.id,
        counts,
        orphans: orphans.slice(0, 20),
        orphanCount: orphans.length,
      },
    };
  },
});

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
  output: { ...NEW_SESSION_FACTS, duplicates: COUNT },
  effects: ADDS,
  run: async ({ sessions, into, filter }, context) => {
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
    const onWritten = (done: number, total: number): void => context.progress(done, total);
    const merged = await merge({ home, words, filter, into, signal: context.signal, onWritten });
    const { id, path, counts, duplicates } = merged;
    return {
      text: `Session ${id} has ${counts.exchanges} exchanges${duplicates === 0 ? "" : `; ${duplicates} were there more than once`}.`,
      data: { session: id, path, counts, duplicates },
    };
  },
});

export const SESSION_CHANGE_TOOLS: readonly Tool[] = [deleteSession, recoverSession, mergeSessions];
