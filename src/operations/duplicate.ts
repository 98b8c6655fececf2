// Copies one exchange without sending anything. Into a session of its own: the one it is of is finished, and its index,
// its counts and whoever reads it at the moment rely on that; or it is being recorded, and belongs to its recorder.
import { createExchangeIds } from "../exchange/id.js";
import { copyExchange } from "./merge.js";
import { withExchange } from "./show.js";
import { type SessionWriter, type WrittenSession, writeSession } from "./write-session.js";

export interface DuplicateInput {
  /** As resolveHome gives it. */
  readonly home: string;
  readonly session: string;
  /** Its number, its id, or a beginning of it. */
  readonly exchange: string;
  /** Name of the new session; without it a time stamp. */
  readonly into?: string | undefined;
}

export interface Duplicate {
  readonly session: WrittenSession;
  /** Its own: `merge` takes an exchange of one id once. */
  readonly id: string;
  readonly copyOf: string;
}

/** @throws EXCHANGE_NOT_FOUND, SESSION_EXISTS, DISK_FULL, IO_FAILED, and what `query` throws. Nothing is left then. */
export async function duplicate(input: DuplicateInput): Promise<Duplicate> {
  return await withExchange(input, async (selected) => {
    const copyOf = selected.facts.id;
    const id = createExchangeIds()(selected.facts.startedAt);
    const origin = { duplicated: `${selected.source.label}/${copyOf}` };
    const session = await writeSession({ home: input.home, name: input.into, options: origin }, (writer) => {
      const renamed: SessionWriter = {
        exchange: (exchange, bodies) => writer.exchange({ ...exchange, id }, bodies),
        message: (message, body) => writer.message({ ...message, exchange: id }, body),
        har: (log) => writer.har(log),
      };
      return copyExchange(selected, renamed);
    });
    return { session, id, copyOf };
  });
}
