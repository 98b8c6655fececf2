// Makes the folder of a new session. Creating it is what keeps two recorders apart: mkdir succeeds for one of them.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { isSessionId, type SessionId } from "../exchange/id.js";
import { FOLDER_MODE, SESSIONS_FOLDER } from "./format.js";

/** Names that a session can't have, because commands take them for something else. */
const RESERVED = new Set(["last", "all"]);

/**
 * @param name the user's choice; without it a time stamp of `now` is made unique.
 * @throws BAD_OPTION for what is no name, SESSION_EXISTS, HOME_UNUSABLE.
 */
export async function createSessionFolder(
  home: string,
  name: string | undefined,
  now: Date,
): Promise<{ id: SessionId; path: string }> {
  const wanted = name ?? timeStamp(now);
  if (!isSessionId(wanted) || RESERVED.has(wanted)) throw badName(wanted);
  const sessions = join(home, SESSIONS_FOLDER);
  try {
    await mkdir(sessions, { recursive: true, mode: FOLDER_MODE });
    for (let attempt = 1; ; attempt++) {
      const id = attempt === 1 ? wanted : `${wanted}-${attempt}`;
      if (!isSessionId(id)) throw badName(id);
      const path = join(sessions, id);
      if (await makeNew(path)) return { id, path };
      if (name !== undefined) throw taken(path, name);
    }
  } catch (error) {
    if (error instanceof TrafficError) throw error;
    const hint = "choose a folder you may write to with --home or TRAFFICCTL_HOME";
    throw new TrafficError("HOME_UNUSABLE", `cannot make a session in ${sessions}: ${reason(error)}`, {
      hint,
      cause: error,
    });
  }
}

async function makeNew(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

function badName(name: string): TrafficError {
  const hint =
    "1 to 128 of letters, digits, '.', '_' and '-', not starting with a dot; 'last' and 'all' are taken";
  return new TrafficError("BAD_OPTION", `'${name}' is not a name for a session`, { hint });
}

function taken(path: string, name: string): TrafficError {
  const hint = `choose another name, or remove it with \`trafficctl sessions delete ${name}\``;
  return new TrafficError("SESSION_EXISTS", `there is a session '${name}' already: ${path}`, { hint });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `2026-11-20T10-15-30-123`, UTC: sorts by time and is a file name everywhere. */
function timeStamp(now: Date): string {
  return now.toISOString().slice(0, 23).replaceAll(/[:.]/g, "-");
}
