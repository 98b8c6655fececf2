// A request that rules change before it goes on.
import { Draft, type DraftSource, type Marks } from "./draft.js";

export interface RequestSource extends DraftSource {
  readonly method: string;
  readonly url: string;
}

export class RequestDraft extends Draft {
  method: string;
  #url: string;

  constructor(source: RequestSource, marks: Marks) {
    super(source, marks);
    this.method = source.method;
    this.#url = source.url;
  }

  get url(): string {
    return this.#url;
  }

  /** @param keepHost the Host field stays that of the URL before */
  setUrl(url: string, { keepHost = false } = {}): void {
    const before = authorityOf(this.#url);
    const authority = authorityOf(url);
    this.#url = url;
    if (authority === before || keepHost || this.headers.value("host") === undefined) return;
    this.headers.correct("Host", [authority]);
  }
}

function authorityOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(url)?.[1] ?? "";
}
