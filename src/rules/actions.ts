// All actions, in the order of the documentation. A name without its row, or a row under another name, does not compile.
import type { ActionName, ActionType } from "./acting.js";
import { abort } from "./actions/abort.js";
import { delay } from "./actions/delay.js";
import { message } from "./actions/message.js";
import { pass } from "./actions/pass.js";
import { pause } from "./actions/pause.js";
import { redact } from "./actions/redact.js";
import { respond } from "./actions/respond.js";
import { rewrite } from "./actions/rewrite.js";
import { serveDir } from "./actions/serve-dir.js";
import { setRequest } from "./actions/set-request.js";
import { setResponse } from "./actions/set-response.js";
import { skipRecording } from "./actions/skip-recording.js";
import { tag } from "./actions/tag.js";
import { throttle } from "./actions/throttle.js";

export const ACTIONS: { readonly [Name in ActionName]: ActionType & { readonly name: Name } } = {
  respond,
  "serve-dir": serveDir,
  rewrite,
  "set-request": setRequest,
  "set-response": setResponse,
  message,
  delay,
  throttle,
  abort,
  pass,
  pause,
  tag,
  "skip-recording": skipRecording,
  redact,
};

export const ACTION_NAMES: readonly ActionName[] = Object.values(ACTIONS).map(({ name }) => name);

export function isActionName(text: string): text is ActionName {
  return Object.hasOwn(ACTIONS, text);
}
