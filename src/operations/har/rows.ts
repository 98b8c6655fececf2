// A HAR file read as if it were a session: imported into a private folder that is gone when it is closed.
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXCHANGES_FILE } from "../../session/format.js";
import { openRows, type RowsOptions } from "../../session/index/open-rows.js";
import type { Rows } from "../../session/rows.js";

/** @throws FILE_NOT_FOUND, HAR_INVALID, DISK_FULL, IO_FAILED */
export async function openHarRows(file: string, options: RowsOptions): Promise<Rows> {
  const { importHar } = await import("../import-har.js");
  // mkdtemp makes it 0700: it holds what the file holds.
  const home = await mkdtemp(join(tmpdir(), "trafficctl-har-"));
  const remove = removal(home);
  try {
    const { path, files } = await importHar({ home, files: [file], name: "har" });
    const rows = await openRows(join(path, EXCHANGES_FILE), options);
    for (const { skipped, skippedCount } of files) {
      rows.report.damaged += skippedCount;
      rows.report.damagedLines.push(...skipped.flatMap(({ entry }) => entry ?? []).slice(0, 100));
    }
    return {
      report: rows.report,
      blocks: rows.blocks,
      bodies: (offset, length) => rows.bodies(offset, length),
      block: (number) => rows.block(number),
      get: (offset, length) => rows.get(offset, length),
      load: (place) => rows.load(place),
      messages: (place) => rows.messages(place),
      body: (body, limit) => rows.body(body, limit),
      openBody: (body) => rows.openBody(body),
      close: async () => {
        await rows.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Also when the process ends first, by itself or by a signal. */
function removal(folder: string): () => void {
  const remove = (): void => {
    process.off("exit", remove);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    rmSync(folder, { recursive: true, force: true });
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    remove();
    // Only where nobody else ends in order on it: `serve` and `replay` do, and would take this for a second one.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  process.on("exit", remove);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return remove;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
