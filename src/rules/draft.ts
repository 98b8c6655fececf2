// What requests and responses have in common while rules change them.

import type { RawHeaders } from "../exchange/headers.js";
import type { Answer } from "./answer.js";
import { BodyDraft, type BodySource } from "./body-draft.js";
import { HeaderList } from "./header-list.js";

export type AbortHow = "close" | "reset" | "timeout";

/** Bytes per second. */
export interface Throttle {
  readonly up?: number;
  readonly down?: number;
}

/** What rules say of an exchange as a whole, for its record. */
export interface Marks {
  readonly tags: string[];
  skipRecording: boolean;
}

export interface DraftSource {
  readonly headers: RawHeaders;
  readonly httpVersion: string;
  readonly body: BodySource;
}

export abstract class Draft {
  readonly headers: HeaderList;
  readonly body: BodyDraft;
  readonly marks: Marks;
  /** For a person: what could not be done, or was done beyond what was said. */
  readonly notes: string[] = [];
  delayMs = 0;
  throttle: Throttle = {};
  pause = false;
  answer: Answer | undefined;
  abort: AbortHow | undefined;

  constructor({ headers, httpVersion, body }: DraftSource, marks: Marks) {
    this.headers = new HeaderList(headers, httpVersion.startsWith("HTTP/2"));
    this.body = new BodyDraft(body, this.headers, this.notes);
    this.marks = marks;
  }
}
