// Finds the session a person means: by name, the beginning of one, `last`, or a path.
import { lstat, realpath } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { TrafficError } from "../errors.js";
import { nearNames } from "../near-names.js";
import { EXCHANGES_FILE, MANIFEST_FILE } from "./format.js";
import { newestSession, sessionFolders } from "./session-folders.js";

const MAX_NAMED = 10;

/**
 * @param reference a session's name, a unique beginning of one, `last`, or a path (with a separator in it).
 * @returns the session's folder.
 * @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS.
 */
export async function findSession(home: string, reference: string): Promise<string> {
  if (isPath(reference)) return await folderAt(reference);
  const folders = await sessionFolders(home);
  if (reference === "last") return await newest(home);
  const exact = folders.find((folder) => basename(folder) === reference);
  if (exact !== undefined) return exact;
  const begun = reference === "" ? [] : folders.filter((folder) => basename(folder).startsWith(reference));
  if (begun.length === 1) return begun[0]!;
  const names = (begun.length > 1 ? begun : folders).map((folder) => basename(folder)).sort();
  throw begun.length > 1 ? ambiguous(reference, names) : notFound(reference, names, home);
}

/** Whether a reference is a path, not a name. */
export function isPath(reference: string): boolean {
  return reference.includes("/") || reference.includes(sep) || reference === "." || reference === "..";
}

async function folderAt(path: string): Promise<string> {
  try {
    const folder = await realpath(path);
    for (const name of [EXCHANGES_FILE, MANIFEST_FILE]) {
      const isFile = await lstat(join(folder, name)).then(
        (info) => info.isFile(),
        () => false,
      );
      if (isFile) return folder;
    }
  } catch (cause) {
    throw new TrafficError("SESSION_NOT_FOUND", `there is no folder ${path}`, { cause });
  }
  const hint = `a session's folder holds ${EXCHANGES_FILE} and ${MANIFEST_FILE}`;
  throw new TrafficError("SESSION_NOT_FOUND", `${path} is not a session`, { hint });
}

async function newest(home: string): Promise<string> {
  const folder = await newestSession(home);
  if (folder === undefined) throw notFound("last", [], home);
  return folder;
}

function ambiguous(reference: string, names: readonly string[]): TrafficError {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  const hint = `write more of the name: ${names.slice(0, MAX_NAMED).join(", ")}${more}`;
  return new TrafficError("SESSION_AMBIGUOUS", `${names.length} sessions begin with '${reference}'`, {
    hint,
  });
}

function notFound(reference: string, names: readonly string[], home: string): TrafficError {
  const near = nearNames(reference, names);
  const hint =
    names.length === 0
      ? `nothing has been recorded in ${home} yet; \`trafficctl record\` does`
      : near.length > 0
        ? `did you mean ${near.join(" or ")}?`
        : "`trafficctl sessions list` names them";
  const what = reference === "last" ? "there is no session" : `there is no session '${reference}'`;
  return new TrafficError("SESSION_NOT_FOUND", what, { hint });
}
