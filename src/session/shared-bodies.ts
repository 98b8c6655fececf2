// Reads many bodies of one session: keeps the file open that most of the larger ones share. Opening it for each, with
// all that is checked about it, takes ten times as long as reading from it.
import type { FileHandle } from "node:fs/promises";
import type { Body } from "../exchange/body.js";
import { bodyBytes, openBodyFile } from "./body-reader.js";
import { FileWindow } from "./file-window.js";
import { PACK_FILE } from "./format.js";

type FileBody = Extract<Body, { kind: "file" }>;

interface Pack {
  readonly file: FileHandle;
  readonly size: number;
  readonly window: FileWindow;
}

export class SharedBodies {
  readonly #folder: string;
  #pack: Pack | undefined;

  /** @param folder the session's. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** At most `limit` bytes, content coding untouched. One at a time. @throws SESSION_DAMAGED */
  async read(body: Body, limit: number): Promise<Buffer> {
    if (body.kind !== "file" || body.file !== PACK_FILE)
      return await bodyBytes(this.#folder, body, { limit });
    const { offset = 0, stored } = body;
    const length = Math.min(stored, limit);
    const { window } = await this.#packWith(body);
    // A copy: the window moves on.
    return Buffer.from(window.get(offset, length) ?? (await window.load(offset, length)));
  }

  async close(): Promise<void> {
    const pack = this.#pack;
    this.#pack = undefined;
    await pack?.window.settle();
    await pack?.file.close();
  }

  /** Opened again where the body lies beyond what was there: the session is being recorded. */
  async #packWith({ file: name, offset = 0, stored }: FileBody): Promise<Pack> {
    if (this.#pack !== undefined && offset + stored <= this.#pack.size) return this.#pack;
    const file = await openBodyFile(this.#folder, name, offset + stored);
    await this.close();
    this.#pack = { file, size: (await file.stat()).size, window: new FileWindow(file) };
    return this.#pack;
  }
}
