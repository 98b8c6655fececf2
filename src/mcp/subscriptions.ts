// Tells a client when a resource that it subscribed to has changed. Looks once a second, and only while anybody asks:
// sessions are written by other processes as well.
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { FoundResource } from "./resources.js";
import type { ToolContext } from "./tool.js";

interface Subscribed extends FoundResource {
  version: string;
}

interface Listener {
  changed(uri: string): Promise<void>;
  failed(error: unknown): void;
}

/** Each costs a look at its session every second. */
const MOST = 100;
const INTERVAL_MS = 1_000;

export class Subscriptions {
  readonly #context: ToolContext;
  readonly #listener: Listener;
  readonly #all = new Map<string, Subscribed>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ToolContext, listener: Listener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** @throws McpError where there are too many, and what makes the resource unreadable */
  async add(uri: string, resource: FoundResource): Promise<void> {
    if (this.#all.size >= MOST && !this.#all.has(uri)) {
      throw new McpError(ErrorCode.InvalidRequest, `there are ${MOST} subscriptions, and may not be more`);
    }
    this.#all.set(uri, { ...resource, version: await this.#version(resource) });
    this.#schedule();
  }

  remove(uri: string): void {
    this.#all.delete(uri);
  }

  close(): void {
    this.#all.clear();
    clearTimeout(this.#timer);
  }

  /** The next look begins when the last one has ended, however long that took. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#all.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#look()
        .catch((error: unknown) => this.#listener.failed(error))
        .finally(() => {
          this.#timer = undefined;
          this.#schedule();
        });
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    for (const [uri, subscribed] of this.#all) {
      const version = await this.#version(subscribed);
      if (version === subscribed.version || !this.#all.has(uri)) continue;
      subscribed.version = version;
      await this.#listener.changed(uri);
    }
  }

  async #version({ entry, session }: FoundResource): Promise<string> {
    try {
      return JSON.stringify(await entry.version(session, this.#context));
    } catch (error) {
      // A session that is gone has changed too.
      return `failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
