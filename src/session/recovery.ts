// Completes a session whose recorder died: cuts off a torn last line, ends what was under way, counts again and
// writes the manifest. Each step can be repeated, so a recovery that dies itself is simply run again.
import { appendFile, readdir, stat, truncate, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { TrafficError } from "../errors.js";
import { sessionState } from "./catalog.js";
import { bodiesSize } from "./disk-size.js";
import {
  BODIES_FOLDER,
  bodyName,
  EXCHANGES_FILE,
  FILE_MODE,
  FORMAT_VERSION,
  MANIFEST_FILE,
  renderLine,
} from "./format.js";
import { countLines } from "./line-count.js";
import { NO_COUNTS, writeManifest } from "./manifest.js";
import { type Manifest, readManifest } from "./manifest-schema.js";
import { completeExchange } from "./open-exchange.js";
import { ownIdentity } from "./process-identity.js";
import { withSessionLock } from "./session-lock.js";
import { type SessionSurvey, surveySession } from "./session-survey.js";
import { NewerVersionError } from "./versions.js";

export interface Recovery {
  /** False when there was nothing to do. */
  readonly changed: boolean;
  /** Bytes of a torn last line that were cut off. */
  readonly tornBytes: number;
  /** Exchanges that were under way and have a final line now. */
  readonly completed: number;
  /** Body files that no line refers to; they are kept. */
  readonly orphans: readonly string[];
  /** Lines that can't be read; they are kept. */
  readonly damaged: number;
  /** Numbers of the first 100 of them. */
  readonly damagedLines: readonly number[];
  readonly manifest: Manifest;
}

const MAX_ORPHANS_KEPT = 1000;

/**
 * @param version of trafficctl, for a manifest that has to be made anew.
 * @throws SESSION_BUSY while it is being recorded or recovered, SESSION_DAMAGED for a newer format, IO_FAILED.
 */
export async function recoverSessionFolder(folder: string, version: string): Promise<Recovery> {
  const manifest = await usableManifest(folder);
  if ((await sessionState(folder, manifest)) === "recording") {
    const hint = "stop its recorder first";
    throw new TrafficError("SESSION_BUSY", `${folder} is being recorded`, { hint });
  }
  try {
    return await withSessionLock(folder, () => recover(folder, manifest, version));
  } catch (cause) {
    if (cause instanceof TrafficError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TrafficError("IO_FAILED", `cannot recover ${folder}: ${message}`, { cause });
  }
}

async function recover(folder: string, manifest: Manifest | undefined, version: string): Promise<Recovery> {
  const log = join(folder, EXCHANGES_FILE);
  // A trim or a manifest that was not finished: the whole file is still in place.
  for (const name of [EXCHANGES_FILE, MANIFEST_FILE])
    await unlink(join(folder, `${name}.tmp`)).catch(() => {});
  await appendFile(log, "", { mode: FILE_MODE });
  const { mtime } = await stat(log);
  const survey = await surveySession(folder);
  const orphans = await findOrphans(folder, survey);
  const found = {
    tornBytes: survey.report.tornBytes,
    completed: survey.open.length,
    orphans,
    damaged: survey.report.damaged,
    damagedLines: survey.report.damagedLines,
  };
  const whole = found.tornBytes === 0 && found.completed === 0 && !survey.missesNewline;
  if (whole && manifest?.endedAt != null) return { ...found, changed: false, manifest };
  await mendLog(folder, survey);
  const recovered = await recoveredManifest(folder, manifest, survey, mtime, version);
  const complete: Manifest = {
    ...recovered,
    recovered: {
      time: new Date().toISOString(),
      tornBytes: found.tornBytes,
      completed: found.completed,
      orphans: orphans.slice(0, MAX_ORPHANS_KEPT),
    },
  };
  await writeManifest(folder, complete);
  return { ...found, changed: true, manifest: complete };
}

/** The torn line goes first: a line appended behind it would be lost with it. */
async function mendLog(
  folder: string,
  { report, missesNewline, open, messages }: SessionSurvey,
): Promise<void> {
  const log = join(folder, EXCHANGES_FILE);
  if (report.tornBytes > 0) await truncate(log, (await stat(log)).size - report.tornBytes);
  if (missesNewline) await appendFile(log, "\n");
  for (const exchange of open) {
    const complete = await completeExchange(folder, exchange, messages.get(exchange.id));
    await appendFile(log, renderLine("exchange", complete));
  }
}

async function recoveredManifest(
  folder: string,
  old: Manifest | undefined,
  survey: SessionSurvey,
  endedAt: Date,
  version: string,
): Promise<Manifest> {
  const { tornBytes: _none, ...lines } = await countLines(join(folder, EXCHANGES_FILE));
  const base = old ?? (await newManifest(folder, survey, endedAt, version));
  const bytes = lines.bytes + (await bodiesSize(folder));
  return {
    ...base,
    endedAt: base.endedAt ?? endedAt.toISOString(),
    counts: { ...lines, bytes, dropped: base.counts.dropped },
  };
}

async function newManifest(
  folder: string,
  { firstStart }: SessionSurvey,
  endedAt: Date,
  version: string,
): Promise<Manifest> {
  return {
    v: FORMAT_VERSION,
    id: basename(folder),
    createdAt: firstStart ?? endedAt.toISOString(),
    endedAt: null,
    process: await ownIdentity(),
    version,
    options: {},
    counts: NO_COUNTS,
    drops: {},
  };
}

async function findOrphans(folder: string, { bodies, open }: SessionSurvey): Promise<string[]> {
  const names = await readdir(join(folder, BODIES_FOLDER)).catch(() => []);
  const files = names.map((name) => `${BODIES_FOLDER}/${name}`);
  const expected = new Set(bodies);
  for (const { id } of open) for (const part of ["request", "response"]) expected.add(bodyName(id, part));
  return files.filter((file) => !expected.has(file)).sort();
}

/** @returns undefined where there is none or it is damaged: it is made anew then. */
async function usableManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return await readManifest(folder);
  } catch (error) {
    if (error instanceof NewerVersionError) throw error;
    if (error instanceof TrafficError && error.code === "SESSION_DAMAGED") return undefined;
    throw error;
  }
}
