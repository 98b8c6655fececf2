// Several sessions as one: sorted by start, ids kept, each exchange once.
import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import { type Choice, query, type Selected, type SelectProgress, type SourceReport } from "./query.js";
import { type BodyBytes, type SessionWriter, type WrittenSession, writeSession } from "./write-session.js";

export interface MergeInput extends Choice {
  /** Name of the new session. */
  readonly into: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SelectProgress) => void) | undefined;
  readonly onWritten?: ((done: number, total: number) => void) | undefined;
}

export interface MergedSession extends WrittenSession {
  /** Exchanges that stood in more than one of the sessions, and were taken once. */
  readonly duplicates: number;
  readonly reports: readonly SourceReport[];
}

/** @throws SESSION_EXISTS, BAD_OPTION, DISK_FULL, IO_FAILED, and what `query` throws. Nothing is left then. */
export async function merge(input: MergeInput): Promise<MergedSession> {
  const selection = await query(input);
  try {
    if (selection.total === 0) {
      throw new TrafficError("EXCHANGE_NOT_FOUND", "there is no exchange to merge", {
        hint: "`trafficctl query` with the same words shows what is chosen",
      });
    }
    const seen = new Set<string>();
    let duplicates = 0;
    const origin = { merged: selection.reports.map(({ source }) => source.label) };
    const written = await writeSession(
      { home: input.home, name: input.into, options: origin },
      async (writer) => {
        let done = 0;
        for await (const selected of selection) {
          if (seen.has(selected.facts.id)) duplicates++;
          else {
            seen.add(selected.facts.id);
            await copyExchange(selected, writer);
          }
          input.onWritten?.(++done, selection.given);
        }
      },
    );
    return { ...written, duplicates, reports: selection.reports };
  } finally {
    await selection.close();
  }
}

/** The exchange with its messages and bodies as they are. */
export async function copyExchange(selected: Selected, writer: SessionWriter): Promise<void> {
  const exchange = await selected.exchange();
  for await (const message of selected.messages()) {
    await writer.message(message, await storedBytes(selected, message.body));
  }
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  await writer.exchange(exchange, {
    request: await storedBytes(selected, exchange.request.body),
    ...(response === undefined ? {} : { response: await storedBytes(selected, response.body) }),
  });
}

/** Of a body as it is stored. A stream costs more than a small body. */
export async function storedBytes(selected: Selected, body: Body): Promise<BodyBytes> {
  if (body.kind === "file") return await selected.openBody(body);
  return await selected.storedBody(body, Number.POSITIVE_INFINITY);
}
