// The recordings on disk: listing, showing, deleting, recovering them and telling where they are.

import { TrafficError } from "../errors.js";
import { listSessionInfos, type SessionInfo, sessionInfo } from "../session/catalog.js";
import { deleteSessionFolder } from "../session/delete-session.js";
import { diskUse } from "../session/disk-size.js";
import { findSession } from "../session/find-session.js";
import { type Recovery, recoverSessionFolder } from "../session/recovery.js";
import { VERSION } from "../version.js";

export type { SessionInfo } from "../session/catalog.js";

export interface SessionReference {
  /** As resolveHome gives it. */
  readonly home: string;
  /** A name, a unique beginning of one, `last`, or a path of a session's folder. */
  readonly session: string;
}

/** A session with what it takes on disk, every file counted. */
export interface SessionDetails extends SessionInfo {
  readonly diskBytes: number;
}

export interface DeletedSession {
  readonly id: string;
  readonly path: string;
  /** Bytes that were freed. */
  readonly freedBytes: number;
  /** What lay in the folder besides the session, and stays. */
  readonly left: readonly string[];
}

export interface RecoveredSession extends Recovery {
  readonly id: string;
  readonly path: string;
}

/** @returns all sessions of a home folder, oldest first. @throws HOME_UNUSABLE */
export async function listSessions(input: { readonly home: string }): Promise<SessionInfo[]> {
  return await listSessionInfos(input.home);
}

/** @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS */
export async function showSession(input: SessionReference): Promise<SessionDetails> {
  const folder = await findSession(input.home, input.session);
  const [info, diskBytes] = await Promise.all([sessionInfo(folder), diskUse(folder)]);
  return { ...info, diskBytes };
}

/**
 * @param input `force` deletes it even while it is being recorded; its recorder then stops with an error.
 * @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS, SESSION_BUSY, IO_FAILED
 */
export async function deleteSession(
  input: SessionReference & { readonly force?: boolean },
): Promise<DeletedSession> {
  const [deleted] = await deleteSessions({ ...input, sessions: [input.session] });
  return deleted!;
}

/** Every one of them is found and free before the first is deleted. @throws as `deleteSession` does. */
export async function deleteSessions(input: {
  readonly home: string;
  readonly sessions: readonly string[];
  readonly force?: boolean;
}): Promise<DeletedSession[]> {
  const folders = new Map<string, string>();
  for (const session of input.sessions) {
    const folder = await findSession(input.home, session);
    const { id, state } = await sessionInfo(folder);
    if (state === "recording" && input.force !== true) {
      const hint = "stop its recorder first, or delete it all the same with --force";
      throw new TrafficError("SESSION_BUSY", `session '${id}' is being recorded`, { hint });
    }
    folders.set(folder, id);
  }
  const deleted: DeletedSession[] = [];
  for (const [folder, id] of folders) {
    const freedBytes = await diskUse(folder);
    deleted.push({ id, path: folder, freedBytes, left: await deleteSessionFolder(folder) });
  }
  return deleted;
}

/** Completes what an unclean stop left. @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS, SESSION_BUSY, SESSION_DAMAGED, IO_FAILED */
export async function recoverSession(input: SessionReference): Promise<RecoveredSession> {
  const folder = await findSession(input.home, input.session);
  const recovery = await recoverSessionFolder(folder, VERSION);
  return { id: recovery.manifest.id, path: folder, ...recovery };
}

/** @returns the folder of a session. @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS */
export async function sessionPath(input: SessionReference): Promise<string> {
  return await findSession(input.home, input.session);
}
