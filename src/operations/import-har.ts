// Imports HAR files of any tool as a session: file -> entries -> exchanges -> session. What could not be read is said.

import { z } from "zod";
import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import { EMPTY_BODY } from "../exchange/body.js";
import { createExchangeIds } from "../exchange/id.js";
import { fromEntry, type ImportedExchange } from "../har/from-entry.js";
import { type ImportedBody, importedBody } from "../har/imported-body.js";
import { type HarFile, openHar } from "../har/open.js";
import { emptyLogFields, type HarLogFields, type HarPart, readHar } from "../har/read.js";
import { readMessageLines } from "../har/read-messages.js";
import type { Repair } from "../har/repairs.js";
import type { Json } from "../session/manifest.js";
import {
  type DescribedBody,
  type SessionWriter,
  type WrittenSession,
  writeSession,
} from "./write-session.js";

export interface ImportInput {
  /** As resolveHome gives it. */
  readonly home: string;
  /** `.har`, compressed or not, `.zhar`, or Playwright's `.zip`. */
  readonly files: readonly string[];
  /** Name of the session; without it a time stamp. */
  readonly name?: string | undefined;
  /** Refuses a file at its first fault. Default: keeps what can be kept, and reports the rest. */
  readonly strict?: boolean;
  readonly onProgress?: ((progress: { file: string; done: number; total: number }) => void) | undefined;
}

export interface ImportedFile {
  readonly file: string;
  readonly exchanges: number;
  /** Entries that could not be made an exchange of; `entry` is absent for a fault of the file itself. */
  readonly skipped: readonly { readonly entry?: number; readonly why: string }[];
  readonly skippedCount: number;
  readonly repairs: readonly Repair[];
  readonly repairCount: number;
}

export interface ImportReport extends WrittenSession {
  readonly files: readonly ImportedFile[];
}

const logSchema = z.record(z.string(), z.json());

/** So many faults of a file are named; all are counted. */
const MOST_NAMED = 1000;

/**
 * @throws FILE_NOT_FOUND, HAR_INVALID (not a HAR; in strict mode the first fault, with its entry), SESSION_EXISTS,
 * BAD_OPTION, DISK_FULL, IO_FAILED. Nothing is left on disk then.
 */
export async function importHar(input: ImportInput): Promise<ImportReport> {
  const files: ImportedFile[] = [];
  const written = await writeSession(
    { home: input.home, name: input.name, options: { imported: [...input.files] } },
    async (writer) => {
      const ids = createExchangeIds();
      const fields: HarLogFields[] = [];
      for (const file of input.files) {
        const job = new FileImport(input, file, writer, ids);
        files.push(await job.run());
        fields.push(job.fields);
      }
      writer.har(logOf(fields));
    },
  );
  return { ...written, files };
}

/** What stood beside the entries: the pages of all files, and what the first one says of its maker. */
function logOf(all: readonly HarLogFields[]): Record<string, Json> {
  const { creator, browser, comment } = all[0] ?? {};
  const pages = all.flatMap((fields) => fields.pages ?? []);
  const log: unknown = JSON.parse(JSON.stringify({ creator, browser, comment, pages }));
  return logSchema.parse(log);
}

class FileImport {
  readonly fields = emptyLogFields();
  readonly #input: ImportInput;
  readonly #file: string;
  readonly #writer: SessionWriter;
  readonly #createId: ReturnType<typeof createExchangeIds>;
  readonly #skipped: { readonly entry?: number; readonly why: string }[] = [];
  readonly #repairs: Repair[] = [];
  #exchanges = 0;
  #skippedCount = 0;
  #repairCount = 0;

  constructor(
    input: ImportInput,
    file: string,
    writer: SessionWriter,
    createId: ReturnType<typeof createExchangeIds>,
  ) {
    this.#input = input;
    this.#file = file;
    this.#writer = writer;
    this.#createId = createId;
  }

  async run(): Promise<ImportedFile> {
    const har = await openHar(this.#file);
    try {
      for await (const part of readHar(har.chunks(), {
        strict: this.#input.strict === true,
        fields: this.fields,
      })) {
        await this.#part(part, har);
        this.#input.onProgress?.({ file: this.#file, done: har.position, total: har.size });
      }
    } catch (error) {
      if (!(error instanceof TrafficError) || error.code !== "HAR_INVALID") throw error;
      throw new TrafficError("HAR_INVALID", `${this.#file}: ${error.message}`, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      });
    } finally {
      await har.close();
    }
    return {
      file: this.#file,
      exchanges: this.#exchanges,
      skipped: this.#skipped,
      skippedCount: this.#skippedCount,
      repairs: this.#repairs,
      repairCount: this.#repairCount,
    };
  }

  async #part(part: HarPart, har: HarFile): Promise<void> {
    if (part.kind === "problem") {
      this.#skip(part.message, part.number);
      return;
    }
    const imported = fromEntry(part.entry, {
      number: part.number,
      strict: this.#input.strict === true,
      texts: part.texts,
      seq: this.#exchanges + 1,
      createId: this.#createId,
    });
    if (imported.kind === "skipped") {
      this.#skip(imported.why, imported.number);
      return;
    }
    this.#repairCount += imported.repairs.length;
    if (this.#repairs.length < MOST_NAMED) this.#repairs.push(...imported.repairs);
    await this.#write(imported, part.number, har);
    this.#exchanges++;
  }

  async #write(imported: ImportedExchange, number: number, har: HarFile): Promise<void> {
    const { exchange } = imported;
    const count = await this.#messages(imported, har);
    const request = await this.#body(imported.requestBody, number, har);
    const response = await this.#body(imported.responseBody, number, har);
    const described = exchange.kind === "websocket" ? { ...exchange, messageCount: count } : exchange;
    await this.#writer.exchange(described, { request, response });
  }

  async #messages({ exchange, messages, messagesFile }: ImportedExchange, har: HarFile): Promise<number> {
    let count = 0;
    const attached = messagesFile === undefined ? undefined : await har.attachment(messagesFile);
    const all = attached === undefined ? messages : readMessageLines(attached, exchange.startedAt);
    for await (const { bytes, truncated, ...message } of all) {
      const size = { kind: "empty", size: bytes.length } as const;
      const body: Body = truncated === undefined ? size : { ...size, truncated };
      await this.#writer.message({ ...message, exchange: exchange.id, body }, bytes);
      count++;
    }
    return count;
  }

  async #body(imported: ImportedBody, number: number, har: HarFile): Promise<DescribedBody> {
    const describe = (stored: Body): Body => importedBody(imported, stored);
    const { data } = imported;
    if (data === null) return { bytes: Buffer.alloc(0), describe };
    if (Buffer.isBuffer(data)) return { bytes: data, describe };
    if (typeof data === "function") return { bytes: data(), describe };
    const attached = await har.attachment(data.file);
    if (attached !== undefined) return { bytes: attached, describe };
    this.#skip(`its body is in ${data.file}, which is not there`, number);
    return { bytes: Buffer.alloc(0), describe: () => importedBody({ ...imported, data: null }, EMPTY_BODY) };
  }

  #skip(why: string, entry?: number): void {
    this.#skippedCount++;
    if (this.#skipped.length < MOST_NAMED)
      this.#skipped.push({ ...(entry === undefined ? {} : { entry }), why });
  }
}
