// Servers that answer from what a test recorded, and curl as their client.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { type RunningServer, type ServeOptions, serve } from "../../src/operations/serve.js";
import { type RecordedAs, recordedSession } from "../replay/support.js";
import { type RunResult, run } from "../support/run.js";

export interface Servers {
  /** A folder of the test's own. */
  home(): Promise<string>;
  /** Answers from exchanges that the test describes. */
  answering(recorded: Iterable<RecordedAs>, options?: Partial<ServeOptions>): Promise<RunningServer>;
  started(options: ServeOptions): Promise<RunningServer>;
}

/** To be called at the top of a test file: what was started is stopped after each test. */
export function servers(): Servers {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  const home = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), "trafficctl-serve-"));
    open.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };
  const started = async (options: ServeOptions): Promise<RunningServer> => {
    const server = await serve(options);
    open.push(() => server.stop());
    return server;
  };
  return {
    home,
    started,
    answering: async (recorded, options = {}) => {
      const folder = await home();
      await recordedSession(folder, "recorded", recorded);
      return await started({ from: "recorded", home: folder, ...options });
    },
  };
}

const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));

/** curl to the server as to an origin: `/path`, or through it as a proxy: an absolute URL. */
export function curl(server: RunningServer, to: string, ...args: string[]): Promise<RunResult> {
  const place = to.startsWith("/") ? [`${server.url}${to}`] : ["-x", server.url, to];
  return run("curl", ["-sS", "--noproxy", "", "--cacert", server.ca.certPath, ...args, ...place], {
    env: ENV,
  });
}

/** The answer's body. */
export async function get(server: RunningServer, to: string, ...args: string[]): Promise<string> {
  return (await curl(server, to, ...args)).stdout;
}

export async function status(server: RunningServer, to: string, ...args: string[]): Promise<number> {
  return Number(await get(server, to, ...args, "-o", "/dev/null", "-w", "%{http_code}"));
}
