// Opens a session's log.
import { type FileHandle, open } from "node:fs/promises";
import { systemCode, TrafficError } from "../errors.js";

/** @throws SESSION_NOT_FOUND where there is none, IO_FAILED. */
export async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw new TrafficError("IO_FAILED", `cannot read ${path}`, { cause });
    throw new TrafficError("SESSION_NOT_FOUND", `there is no session log ${path}`, { cause });
  }
}
