// Servers that answer from recordings for one client. When the client goes, all of them end.
import { TrafficError } from "../errors.js";
import type { RunningServer, ServeOptions } from "../operations/serve.js";

const MOST = 16;

export class Serving {
  readonly #all = new Map<string, RunningServer>();
  #isClosed = false;

  get running(): readonly RunningServer[] {
    return [...this.#all.values()];
  }

  /** @throws TrafficError as `serve` does */
  async start(options: ServeOptions): Promise<RunningServer> {
    if (this.#all.size >= MOST) {
      throw new TrafficError("BAD_OPTION", `${MOST} servers run already`, { hint: "stop_serving ends one" });
    }
    const { serve } = await import("../operations/serve.js");
    const server = await serve(options);
    if (this.#isClosed) {
      await server.stop();
      throw new TrafficError("NOT_RUNNING", "the client is gone");
    }
    this.#all.set(server.url, server);
    return server;
  }

  /** @param url absent: the only one that runs. @throws TrafficError NOT_RUNNING */
  find(url: string | undefined): RunningServer {
    const urls = [...this.#all.keys()];
    const found =
      url === undefined && urls.length === 1 ? this.#all.get(urls[0] ?? "") : this.#all.get(url ?? "");
    if (found !== undefined) return found;
    throw new TrafficError(
      "NOT_RUNNING",
      url === undefined ? "name the server by its url" : `no server of this client runs at ${url}`,
      {
        hint: urls.length === 0 ? "start_serving starts one" : `these run: ${urls.join(", ")}`,
      },
    );
  }

  async stop(server: RunningServer): Promise<void> {
    this.#all.delete(server.url);
    await server.stop();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.running.map((server) => this.stop(server)));
  }
}
