// A response that rules change before the client gets it.
import { STATUS_CODES } from "node:http";
import { Draft, type DraftSource, type Marks } from "./draft.js";

export interface ResponseSource extends DraftSource {
  readonly status: number;
  readonly reason: string;
}

export class ResponseDraft extends Draft {
  #status: number;
  reason: string;

  constructor(source: ResponseSource, marks: Marks) {
    super(source, marks);
    this.#status = source.status;
    this.reason = source.reason;
  }

  get status(): number {
    return this.#status;
  }

  /** The reason becomes the status's own. */
  set status(status: number) {
    if (status === this.#status) return;
    this.#status = status;
    this.reason = reasonOf(status);
  }
}

/** Its usual words; "" where it has none. */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? "";
}
