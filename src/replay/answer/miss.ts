// A request that nothing answers: what the client is told, and the log.
import type { SyntheticResponse } from "../../proxy/intervention.js";
import type { Near } from "./nearest.js";

/** What a miss becomes: a status, the origin's answer, or that and a recording of it. */
export type MissMode = "404" | "502" | "pass" | "record";

export interface Miss {
  readonly method: string;
  readonly url: string;
  /** The recorded exchange that comes nearest, and which part of the request differs; null where nothing does. */
  readonly nearest: Near | null;
  /** It went on to this URL's origin. */
  readonly passedTo?: string;
}

/** One sentence, for the log. */
export function missSentence({ method, url, nearest, passedTo }: Miss): string {
  const near =
    nearest === null
      ? "nothing recorded is like it"
      : `the nearest is ${nearest.method} ${nearest.url}; ${nearest.differs}`;
  const passed = passedTo === undefined ? "" : `. It went on to ${passedTo}`;
  return `no answer to ${method} ${url}: ${near}${passed}`;
}

export function missAnswer(miss: Miss, status: 404 | 502): SyntheticResponse {
  return {
    kind: "respond",
    status,
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Cache-Control", "no-store"],
    ],
    body: Buffer.from(`trafficctl serve: ${missSentence(miss)}\n`),
  };
}
