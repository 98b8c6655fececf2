// HAR 1.2 as we write it, with the underscore fields that consumers read. What we read is `unknown` until from-entry has
// looked at it.

export interface HarNameValue {
  readonly name: string;
  readonly value: string;
}

export interface HarCookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  /** ISO 8601. */
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  /** Chrome, Playwright: `Strict`, `Lax`, `None`. */
  readonly sameSite?: string;
}

export interface HarParam {
  readonly name: string;
  readonly value?: string;
  readonly fileName?: string;
  readonly contentType?: string;
}

export interface HarPostData {
  readonly mimeType: string;
  readonly text: string;
  readonly params?: readonly HarParam[];
  /** HAR 1.3 draft; Playwright reads it. */
  readonly encoding?: "base64";
  readonly comment?: string;
}

export interface HarContent {
  /** Decoded bytes. */
  readonly size: number;
  readonly compression?: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: "base64";
  readonly comment?: string;
}

export interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarNameValue[];
  readonly queryString: readonly HarNameValue[];
  readonly postData?: HarPostData;
  readonly headersSize: number;
  readonly bodySize: number;
}

export interface HarResponse {
  /** 0 when no response came. */
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarNameValue[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  readonly bodySize: number;
  readonly _transferSize: number;
  readonly _error?: string;
}

/** Milliseconds; -1 where a phase did not happen. `connect` includes `ssl`. */
export interface HarTimings {
  readonly blocked: number;
  readonly dns: number;
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

export interface HarWebSocketMessage {
  readonly type: "send" | "receive";
  /** Seconds since 1970. */
  readonly time: number;
  readonly opcode: number;
  /** Text for opcode 1, base64 for every other. */
  readonly data: string;
  readonly comment?: string;
}

export interface HarEventSourceMessage {
  /** Seconds since 1970. */
  readonly time: number;
  readonly eventName: string;
  readonly eventId: string;
  readonly data: string;
}

export type HarResourceType =
  | "document"
  | "stylesheet"
  | "script"
  | "image"
  | "font"
  | "media"
  | "xhr"
  | "fetch"
  | "websocket"
  | "eventsource"
  | "other";

export interface HarEntry {
  readonly pageref?: string;
  readonly startedDateTime: string;
  /** Milliseconds: the sum of the timings that are not -1, without `ssl`. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: object;
  readonly timings: HarTimings;
  readonly serverIPAddress?: string;
  /** The origin's port: Chrome reads it as that. */
  readonly connection?: string;
  readonly comment?: string;
  readonly _resourceType: string;
  readonly _connectionId?: string;
  readonly _webSocketMessages?: readonly HarWebSocketMessage[];
  readonly _eventSourceMessages?: readonly HarEventSourceMessage[];
}

export interface HarCreator {
  readonly name: string;
  readonly version: string;
  readonly comment?: string;
}
