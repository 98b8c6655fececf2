// Redacts the messages of one WebSocket: a secret that is split over several is found as well.
import { Deltas } from "./deltas.js";
import { findAnywhere } from "./find-anywhere.js";
import { Scan } from "./scan.js";
import type { ContentInfo } from "./work.js";
import type { Works } from "./works.js";

/** One message of a WebSocket: text, or the bytes of a binary one. */
export interface RedactableMessage {
  readonly direction: "send" | "receive";
  readonly data: string | Buffer;
}

/** @param bytes redacts a binary message */
export function redactMessages<Message extends RedactableMessage>(
  messages: readonly Message[],
  works: Works,
  bytes: (data: Buffer, info: ContentInfo) => Buffer,
): Message[] {
  const work = {
    send: works.at("websocket", { contentType: "", side: "request" }),
    receive: works.at("websocket", { contentType: "", side: "response" }),
  };
  const deltas = { send: new Deltas(), receive: new Deltas() };
  const scans = messages.map(({ data, direction }) => {
    if (typeof data !== "string") return null;
    const scan = new Scan(data, work[direction]);
    deltas[direction].add(scan, 0, data.length);
    return scan;
  });
  deltas.send.finish();
  deltas.receive.finish();
  return messages.map((message, index): Message => {
    const scan = scans[index];
    const { data, direction } = message;
    if (scan === null || scan === undefined) {
      const side = direction === "send" ? "request" : "response";
      return typeof data === "string"
        ? message
        : { ...message, data: bytes(data, { contentType: "application/octet-stream", side }) };
    }
    findAnywhere(scan);
    const clean = scan.result();
    return clean === data ? message : { ...message, data: clean };
  });
}
