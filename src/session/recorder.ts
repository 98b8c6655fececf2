// Starts recording a session: its folder, its manifest, its log.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import type { SessionId } from "../exchange/id.js";
import type { Recording } from "../exchange/recording.js";
import { type FileSystem, nodeFileSystem } from "./file-system.js";
import { EXCHANGES_FILE, FILE_MODE, FORMAT_VERSION } from "./format.js";
import {
  type Json,
  type Manifest,
  NO_COUNTS,
  type RecordingStop,
  type SessionCounts,
  writeManifest,
} from "./manifest.js";
import { ownIdentity } from "./process-identity.js";
import { createSessionFolder } from "./session-folder.js";
import { SessionRecorder } from "./session-recorder.js";

export interface RecorderOptions {
  /** Folder that holds `sessions/`; made when it is missing. */
  readonly home: string;
  /** Name of the session; without it a time stamp. */
  readonly name?: string;
  /** Keep the last so many exchanges. */
  readonly maxExchanges?: number;
  /** `clear` can be asked for: what goes has to be removable, so each body has a file of its own. */
  readonly clearable?: boolean;
  /** Bytes to keep of each body. */
  readonly maxBody?: number;
  /** False keeps sizes only. */
  readonly bodies: boolean;
  /** Bytes of lines and bodies at which recording stops; 1 GiB by default. */
  readonly maxDisk?: number;
  /** How the recording was started, for the manifest. */
  readonly options: Readonly<Record<string, Json>>;
  /** Version of trafficctl, for the manifest. */
  readonly version: string;
  /** Called once when recording stops before it is closed. */
  readonly onStopped?: (stop: RecordingStop) => void;
  /** For tests. */
  readonly fileSystem?: FileSystem;
}

export interface Recorder extends Recording {
  readonly id: SessionId;
  /** The session's folder. */
  readonly path: string;
  /** Why recording has ended early, when it has. */
  readonly stop: RecordingStop | undefined;
  counts(): SessionCounts;
  /** Bytes to keep of each body, undefined for all; what is set holds from the next piece of each body on. */
  maxBody: number | undefined;
  /**
   * Takes all finished exchanges out; those under way stay, and recording goes on.
   * @returns how many; undefined where it can't be done: recording has ended, or bodies share a file (`clearable`)
   */
  clear(): Promise<number | undefined>;
  /** Writes what is waiting, and the manifest. Never rejects; the same promise for every call. */
  close(): Promise<Manifest>;
}

/** Starts a session. @throws BAD_OPTION, SESSION_EXISTS, HOME_UNUSABLE, DISK_FULL, IO_FAILED. */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  const now = new Date();
  const { id, path } = await createSessionFolder(options.home, options.name, now);
  const manifest: Manifest = {
    v: FORMAT_VERSION,
    id,
    ...(options.name === undefined ? {} : { name: options.name }),
    createdAt: now.toISOString(),
    endedAt: null,
    process: await ownIdentity(),
    version: options.version,
    options: { ...options.options },
    counts: NO_COUNTS,
    drops: {},
  };
  try {
    await writeManifest(path, manifest);
    return new SessionRecorder(options, id, path, manifest, await openLog(options, path));
  } catch (cause) {
    await rm(path, { recursive: true, force: true }).catch(() => {});
    const code = systemCode(cause) === "ENOSPC" ? "DISK_FULL" : "IO_FAILED";
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TrafficError(code, `cannot write the session ${path}: ${message}`, { cause });
  }
}

function openLog({ fileSystem = nodeFileSystem }: RecorderOptions, folder: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const opened = (error: NodeJS.ErrnoException | null, fd: number): void =>
      error ? reject(error) : resolve(fd);
    fileSystem.open(join(folder, EXCHANGES_FILE), "ax", FILE_MODE, opened);
  });
}
