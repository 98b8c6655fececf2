// What a message is after its rules: only what they changed is given.
import type { RawHeaders } from "../exchange/headers.js";
import type { RequestDraft } from "./request-draft.js";
import type { ResponseDraft } from "./response-draft.js";
import type { ServedFile } from "./served-file.js";
import type { RequestHead, ResponseHead } from "./subject.js";

export interface ChangedRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: RawHeaders;
  /** With its content coding, which `headers` name. */
  readonly body?: Buffer;
}

export interface ChangedResponse {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: RawHeaders;
  readonly body?: Buffer | ServedFile;
}

export async function finishRequest(
  draft: RequestDraft,
  head: Pick<RequestHead, "method" | "url">,
): Promise<ChangedRequest> {
  const body = await draft.body.finish();
  return {
    ...(draft.method === head.method ? {} : { method: draft.method }),
    ...(draft.url === head.url ? {} : { url: draft.url }),
    ...(draft.headers.changed ? { headers: draft.headers.fields } : {}),
    ...(Buffer.isBuffer(body) ? { body } : {}),
  };
}

/** @param head of the response that came; undefined for an answer of ours, of which everything is given */
export async function finishResponse(
  draft: ResponseDraft,
  head: ResponseHead | undefined,
): Promise<ChangedResponse> {
  const body = (await draft.body.finish()) ?? draft.answer?.body;
  const isNew = head === undefined || draft.answer !== undefined;
  return {
    ...(isNew || draft.status !== head.status ? { status: draft.status } : {}),
    ...(isNew || draft.reason !== head.reason ? { reason: draft.reason } : {}),
    ...(isNew || draft.headers.changed ? { headers: draft.headers.fields } : {}),
    ...(body === undefined ? {} : { body }),
  };
}
