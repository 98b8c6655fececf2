// Holds lines back until the body files they refer to are on disk, and keeps the lines of one exchange in order.
// Lines of other exchanges pass by.
import type { Body } from "../exchange/body.js";
import type { ExchangeId } from "../exchange/id.js";

/** A body on its way to the disk, in a file of its own or in the pack. */
export interface StoredFile {
  /** Bytes that are on disk. */
  readonly stored: number;
  /** Whether bytes were lost to a disk error. */
  readonly failed: boolean;
  /** Nothing more will be written. */
  readonly closed: boolean;
  readonly discarded: boolean;
  end(): void;
  discard(): void;
}

interface WaitingLine {
  readonly files: readonly StoredFile[];
  readonly write: () => void;
}

export class LineOrder {
  /** Files that are not closed yet, or failed: by name. */
  readonly #files = new Map<string, { readonly file: StoredFile; readonly id: ExchangeId }>();
  readonly #waiting = new Map<ExchangeId, WaitingLine[]>();
  #idle: (() => void)[] = [];

  /** @param name as `fileKey` has it for the body's description. */
  addFile(name: string, id: ExchangeId, file: StoredFile): void {
    this.#files.set(name, { file, id });
  }

  closed(name: string): void {
    const entry = this.#files.get(name);
    if (entry === undefined) return;
    if (!entry.file.failed || entry.file.discarded) this.#files.delete(name);
    this.#advance(entry.id);
    this.#settle();
  }

  /** Calls `write` as soon as the bodies are on disk and the exchange's earlier lines are written: often at once. */
  deliver(id: ExchangeId, first: Body, second: Body | undefined, write: () => void): void {
    const queue = this.#waiting.get(id);
    const files = this.#unfinished(first, second);
    if (queue !== undefined) queue.push({ files, write });
    else if (files.length > 0) this.#waiting.set(id, [{ files, write }]);
    else write();
  }

  /** @returns the body as it ended: a disk error may have cut its file after the body was described. */
  settled(body: Body): Body {
    if (body.kind !== "file") return body;
    const entry = this.#files.get(fileKey(body));
    if (entry === undefined) return body;
    this.#files.delete(fileKey(body));
    return { ...body, stored: entry.file.stored, truncated: "disk" };
  }

  /** Resolves when every line that waits now is written. */
  async delivered(): Promise<void> {
    const written = [...this.#waiting.values()].map(
      (queue) => new Promise<void>((resolve) => queue.push({ files: [], write: resolve })),
    );
    await Promise.all(written);
  }

  /** Ends what nobody ended. Resolves when no file is open and no line waits. */
  async close(keeps: (id: ExchangeId) => boolean): Promise<void> {
    for (const { file, id } of this.#files.values()) {
      if (keeps(id) || this.#waiting.has(id)) file.end();
      else file.discard();
    }
    if (this.#busy()) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #unfinished(first: Body, second: Body | undefined): StoredFile[] {
    const files: StoredFile[] = [];
    for (const body of [first, second]) {
      const entry = body?.kind === "file" ? this.#files.get(fileKey(body)) : undefined;
      if (entry !== undefined && !entry.file.closed) files.push(entry.file);
    }
    return files;
  }

  #advance(id: ExchangeId): void {
    const queue = this.#waiting.get(id);
    if (queue === undefined) return;
    while (queue.length > 0 && queue[0]!.files.every((file) => file.closed)) queue.shift()!.write();
    if (queue.length === 0) this.#waiting.delete(id);
  }

  #busy(): boolean {
    if (this.#waiting.size > 0) return true;
    for (const { file } of this.#files.values()) if (!file.closed) return true;
    return false;
  }

  #settle(): void {
    if (this.#idle.length === 0 || this.#busy()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Names what a body is stored in, as one thing to wait for. */
export function fileKey(body: { readonly file: string; readonly offset?: number }): string {
  return body.offset === undefined ? body.file : `${body.file}@${body.offset}`;
}
