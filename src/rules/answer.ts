// A response of ours, in place of the origin's.
import type { RawHeaders } from "../exchange/headers.js";
import type { ServedFile } from "./served-file.js";

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: RawHeaders;
  readonly body: Buffer | ServedFile;
}
