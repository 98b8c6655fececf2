// The server from its settings to its end, over either transport.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../log.js";
import type { Shared } from "./client-server.js";
import { Roots, realFolders } from "./paths.js";
import { Safe } from "./safe.js";
import type { Settings } from "./settings.js";
import { readToken, tokenPath } from "./token.js";

export interface StartInput {
  readonly settings: Omit<Settings, "roots">;
  /** Folders that files may be in; absent: the home folder and the working directory. */
  readonly roots: readonly string[] | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** @returns when the client is gone. @throws TrafficError FILE_NOT_FOUND, BAD_OPTION, IO_FAILED for a root that is no folder */
export async function startStdio(input: StartInput): Promise<void> {
  const { serveStdio } = await import("./stdio.js");
  await serveStdio(await sharedOf(input), input.signal);
}

export interface StartHttpInput extends StartInput {
  readonly port: number;
  readonly idleMs: number;
  readonly onReady: (ready: HttpReady) => void;
}

interface HttpReady {
  readonly url: string;
  readonly tokenPath: string;
  /** Only where it was made now. */
  readonly token?: string;
}

/** @returns when the signal was aborted and everything has ended. @throws as `startStdio`, and PORT_IN_USE, LISTEN_FAILED */
export async function startHttp(input: StartHttpInput): Promise<void> {
  const { serveHttp } = await import("./http.js");
  const shared = await sharedOf(input);
  const token = await readToken(input.settings.home);
  const running = await serveHttp(shared, { port: input.port, token: token.value, idleMs: input.idleMs });
  input.onReady({ url: running.url, tokenPath: token.path, ...(token.isNew ? { token: token.value } : {}) });
  if (!input.signal.aborted) {
    await new Promise((resolve) => input.signal.addEventListener("abort", resolve, { once: true }));
  }
  await running.close();
}

async function sharedOf({ settings, roots, log }: StartInput): Promise<Shared> {
  const { home } = settings;
  // The home folder may not be there yet.
  if (roots === undefined) await mkdir(home, { recursive: true, mode: 0o700 });
  const folders = await realFolders(roots ?? [home, process.cwd()]);
  const [realHome = home] = await realFolders([home]).catch(() => []);
  const closed = [join(realHome, "ca"), tokenPath(realHome)];
  return {
    settings: { ...settings, roots: folders },
    roots: new Roots(
      folders,
      closed,
      ["sessions", "run"].map((name) => join(realHome, name)),
    ),
    safe: new Safe(settings.redact),
    log,
  };
}
