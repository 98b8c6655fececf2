// Of a proxy that records nothing.
import { EMPTY_BODY } from "../../exchange/body.js";
import type { Recording } from "../../exchange/recording.js";

export const NO_RECORDING: Recording = {
  nextSeq: () => 0,
  openBody: () => ({ write: () => {}, end: () => EMPTY_BODY, discard: () => {} }),
  opened: () => {},
  message: () => {},
  finished: () => {},
  behind: false,
  onDrain: (callback) => callback(),
};
