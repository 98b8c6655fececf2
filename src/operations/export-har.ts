// Exports exchanges as HAR 1.2, redacted unless that is turned off: session -> filter -> contents -> redaction -> HAR.
// The second half of the data's path on one screen.
import { open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Writable } from "node:stream";
import { systemCode, TrafficError } from "../errors.js";
import type { Exchange } from "../exchange/exchange.js";
import { compressionOf, type HarCompression } from "../har/compression.js";
import type { MessageSource } from "../har/entry-messages.js";
import { entryOf, type HarItem } from "../har/to-entry.js";
import { writeHar } from "../har/write.js";
import { VERSION } from "../version.js";
import { contentOf, type Message } from "./har/contents.js";
import { learnAll } from "./har/learn.js";
import { redactedMessages } from "./har/messages.js";
import { importedPages } from "./har/pages.js";
import { chosenIds } from "./ids.js";
import { type QueryInput, query, type Selected, type Selection, type SourceReport } from "./query.js";
import { type Policy, Redaction, type RedactionReport } from "./redaction.js";

export interface ExportInput extends QueryInput {
  /** Where to: a path (`.har`, `.har.gz`, `.zhar`), which is replaced as a whole, or a stream, which is ended. */
  readonly output: string | Writable;
  /** Default: the built-in policy. `off` writes secrets as they are. */
  readonly redact?: Policy | "off";
  /** False writes no bodies. */
  readonly bodies?: boolean;
  /** Decoded bytes to write of each body. */
  readonly maxBody?: number | undefined;
  /** Only these exchanges, by id. */
  readonly ids?: readonly string[] | undefined;
  readonly onExported?: ((progress: ExportProgress) => void) | undefined;
}

export interface ExportProgress {
  readonly what: "learning" | "writing";
  readonly done: number;
  readonly total: number;
}

export interface ExportReport {
  /** Absolute path, or null where it went to a stream. */
  readonly path: string | null;
  readonly entries: number;
  /** Tunnels, in which nothing of HTTP was seen. */
  readonly tunnels: number;
  /** Exchanges that matched and were left out by a limit. */
  readonly leftOut: number;
  /** Bodies of which not everything is in it: by --max-body, or because not all was recorded or could be decoded. */
  readonly partialBodies: number;
  /** Bodies that are not in it: --no-bodies, or not recorded. */
  readonly missingBodies: number;
  /** Ids that were asked for and are not there. */
  readonly unknownIds: readonly string[];
  /** What was replaced; null with redaction off. */
  readonly redaction: RedactionReport | null;
  readonly sources: readonly SourceReport[];
}

/**
 * Redaction takes two passes: what one exchange gives away as a secret is one in those before it too.
 * @throws IO_FAILED, DISK_FULL, EXCHANGE_NOT_FOUND where nothing was chosen by ids, and what `query` throws. A file that
 * was there stays as it was then.
 */
export async function exportHar(input: ExportInput): Promise<ExportReport> {
  const ids = input.ids === undefined ? undefined : chosenIds(input.ids);
  const selection = await query(ids === undefined ? input : { ...input, also: ids.condition });
  try {
    const redaction =
      input.redact === "off"
        ? undefined
        : new Redaction(input.redact === undefined ? undefined : input.redact);
    const job = new ExportJob(input, selection, redaction);
    if (redaction !== undefined) await learnAll(selection, redaction, input);
    const path = await job.write();
    return { ...job.report(), path, unknownIds: ids?.unknown() ?? [] };
  } finally {
    await selection.close();
  }
}

class ExportJob {
  readonly #input: ExportInput;
  readonly #selection: Selection;
  readonly #redaction: Redaction | undefined;
  /** Pages that an entry names. */
  readonly #pages = new Set<string>();
  #entries = 0;
  #tunnels = 0;
  #partialBodies = 0;
  #missingBodies = 0;

  constructor(input: ExportInput, selection: Selection, redaction: Redaction | undefined) {
    this.#input = input;
    this.#selection = selection;
    this.#redaction = redaction;
  }

  /** @returns the path. */
  async write(): Promise<string | null> {
    const { output } = this.#input;
    const pages = await importedPages(this.#selection, this.#redaction);
    if (typeof output !== "string") {
      await this.#stream(output, "none", pages);
      return null;
    }
    const path = resolve(output);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      // Redacted or not: it has bodies, and is its owner's until he decides otherwise.
      const file = await open(temporary, "wx", 0o600);
      await this.#stream(file.createWriteStream(), compressionOf(path), pages);
      await rename(temporary, path);
      return path;
    } catch (error) {
      await rm(temporary, { force: true });
      throw fileError(error, path);
    }
  }

  report(): Omit<ExportReport, "path" | "unknownIds"> {
    const { total, given, reports } = this.#selection;
    return {
      entries: this.#entries,
      tunnels: this.#tunnels,
      leftOut: total - given,
      partialBodies: this.#partialBodies,
      missingBodies: this.#missingBodies,
      redaction: this.#redaction?.report ?? null,
      sources: reports,
    };
  }

  async #stream(
    destination: Writable,
    compression: HarCompression,
    pages: Awaited<ReturnType<typeof importedPages>>,
  ): Promise<void> {
    const { signal } = this.#input;
    const creator = { name: "trafficctl", version: VERSION };
    const options = signal === undefined ? { compression } : { compression, signal };
    const log = { creator, pages: () => pages.filter((page) => this.#pages.has(page.id)) };
    await writeHar(this.#items(), log, destination, options);
  }

  async *#items(): AsyncGenerator<HarItem> {
    const total = this.#selection.given;
    let done = 0;
    for await (const selected of this.#selection) {
      const item = await this.#item(selected);
      if (item === undefined) this.#tunnels++;
      else {
        this.#entries++;
        yield item;
      }
      this.#input.onExported?.({ what: "writing", done: ++done, total });
    }
  }

  async #item(selected: Selected): Promise<HarItem | undefined> {
    const exchange = await selected.exchange();
    if (exchange.kind === "tunnel") return undefined;
    const { request, response } = exchange;
    const requestContent = await this.#content(selected, exchange, request, "request");
    const responseContent =
      response === undefined ? null : await this.#content(selected, exchange, response, "response");
    const clean = this.#redaction?.exchange(exchange) ?? exchange;
    const page = clean.har?.entry?.pageref;
    if (typeof page === "string") this.#pages.add(page);
    return entryOf({
      exchange: clean,
      open: selected.open,
      requestContent,
      responseContent,
      ...(exchange.kind === "websocket" ? { messages: this.#messages(selected, exchange) } : {}),
    });
  }

  async #content(
    selected: Selected,
    exchange: Exchange,
    message: Message,
    side: "request" | "response",
  ): ReturnType<typeof contentOf> {
    const { url } = exchange.request;
    const content = await contentOf(
      selected,
      message,
      { headers: message.headers, side, url },
      {
        bodies: this.#input.bodies !== false,
        maxBody: this.#input.maxBody,
        redaction: this.#redaction,
      },
    );
    if (content.missing !== undefined) this.#missingBodies++;
    if (content.partial !== undefined || message.body.truncated !== undefined) this.#partialBodies++;
    return content;
  }

  async *#messages(selected: Selected, exchange: Exchange): AsyncGenerator<MessageSource> {
    const { bodies = true, maxBody } = this.#input;
    const options = { bodies, maxBody, redaction: this.#redaction };
    for await (const source of redactedMessages(selected, exchange.request.url, options)) {
      if (source.bytes === null) this.#missingBodies++;
      else if (source.message.body.truncated !== undefined) this.#partialBodies++;
      yield source;
    }
  }
}

function fileError(error: unknown, path: string): unknown {
  if (error instanceof TrafficError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new TrafficError("DISK_FULL", `the disk is full: ${path} was not written`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new TrafficError("IO_FAILED", `cannot write ${path}: ${reason}`, {
    hint: `${dirname(path)} has to exist and to be writable`,
    cause: error,
  });
}
