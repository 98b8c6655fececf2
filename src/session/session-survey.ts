// One pass over a session for recovery: what is under way, which bodies are referred to, what is torn.
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeId } from "../exchange/id.js";
import { responseBody } from "./exchange-bodies.js";
import { EXCHANGES_FILE } from "./format.js";
import type { MessagesSeen } from "./open-exchange.js";
import { createReadReport, type ReadReport, readExchanges } from "./reader.js";

export interface SessionSurvey {
  readonly report: ReadReport;
  /** Exchanges without a final line. */
  readonly open: readonly Exchange[];
  /** Of connections without a final line. */
  readonly messages: ReadonlyMap<ExchangeId, MessagesSeen>;
  /** Files that lines refer to. */
  readonly bodies: ReadonlySet<string>;
  /** The last line is whole but for its newline. */
  readonly missesNewline: boolean;
  /** When the first exchange of the log started. */
  readonly firstStart: string | undefined;
}

export async function surveySession(folder: string): Promise<SessionSurvey> {
  const report = createReadReport();
  const open: Exchange[] = [];
  const messages = new Map<ExchangeId, MessagesSeen>();
  const bodies = new Set<string>();
  let firstStart: string | undefined;
  const note = (body: Body | undefined): void => {
    if (body?.kind === "file") bodies.add(body.file);
  };
  for await (const item of readExchanges(folder, { report })) {
    if (item.type === "message") {
      const { exchange, time, body } = item.message;
      messages.set(exchange, { count: (messages.get(exchange)?.count ?? 0) + 1, last: time });
      note(body);
      continue;
    }
    firstStart ??= item.exchange.startedAt;
    note(item.exchange.request.body);
    note(responseBody(item.exchange));
    if (item.open) open.push(item.exchange);
    else messages.delete(item.exchange.id);
  }
  const missesNewline = report.tornBytes === 0 && !(await endsWithNewline(join(folder, EXCHANGES_FILE)));
  return { report, open, messages, bodies, missesNewline, firstStart };
}

/** True for an empty file. */
async function endsWithNewline(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === 0x0a;
  } finally {
    await file.close();
  }
}
