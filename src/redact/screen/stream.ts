// Whether findDeltas may find anything in a stream: what its events hold each, and what their strings say when they are
// joined.
import { JsonScreen } from "./json.js";
import type { Screened } from "./probe.js";
import { type StreamForm, textsOf } from "./stream-texts.js";

export function mayHoldInStream(screened: Screened, form: StreamForm): boolean {
  const { bytes, work } = screened;
  const json = new JsonScreen(screened);
  let suspect = false;
  const texts = textsOf(bytes, form, {
    json: (start, end) => {
      if (!suspect && json.mayHold(start, end)) suspect = true;
    },
    // Under a name that says secret, each piece is replaced as it is.
    isApart: (name) => work.names.of(name) === "secret",
  });
  if (suspect || texts === null) return true;
  screened.lookWithin(form);
  return texts.some((text) => screened.nested(text, form));
}
