// Why a recorded body is not whole, as a sentence for the comment of a HAR. One table for writing and for reading back.
import type { Body, Truncation } from "../exchange/body.js";

const REASONS: Readonly<Record<Truncation, string>> = {
  "max-body": "--max-body",
  "client-closed": "the client closed the connection",
  "origin-closed": "the origin closed the connection",
  aborted: "it was aborted",
  disk: "the disk was full",
  "recorder-died": "the recorder died",
};

/** @returns undefined for a body that is whole. */
export function truncationText(body: Body): string | undefined {
  if (body.truncated === undefined) return undefined;
  return `truncated (${body.truncated}): ${REASONS[body.truncated]}, ${body.size} bytes had passed`;
}

/** @returns the reason that a comment of ours names, or undefined. */
export function truncationIn(comment: string): Truncation | undefined {
  const reason = /\btruncated \(([a-z-]+)\):/.exec(comment)?.[1];
  return reason !== undefined && isTruncation(reason) ? reason : undefined;
}

function isTruncation(text: string): text is Truncation {
  return Object.hasOwn(REASONS, text);
}
