// The answer to a request that can't be read.
import { answerBytes, plainAnswer } from "../own-answer.js";
import type { MalformedMessage } from "./malformed.js";

const REASONS: Readonly<Record<MalformedMessage["status"], string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

export function refusalBytes({ status, message }: MalformedMessage): Buffer {
  return answerBytes(plainAnswer(status, REASONS[status], `the request is malformed: ${message}`));
}
