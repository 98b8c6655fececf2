// Most bodies hold no secret, and the finders take a long time to see that: they read characters and make strings of
// them. A screen walks over the bytes and says "nothing" or "perhaps"; after "perhaps" the finders look. What a screen
// calls clean, the finders leave as it is (test/redact/screen.test.ts holds them to it).
import { findContent, formOf, HEAD } from "../find-content.js";
import { DEEPEST, type Work } from "../work.js";
import { mayHoldAnywhere } from "./anywhere.js";
import { mayHoldAssignments } from "./assignments.js";
import { mayHoldInJson } from "./json.js";
import { type Layers, SeenLayers } from "./layers.js";
import { mayHoldInMarkup } from "./markup.js";
import { mayHoldInParams } from "./params.js";
import { isPlain } from "./plain.js";
import { finds, type Screened } from "./probe.js";
import { mayHoldInStream } from "./stream.js";
import { mayHoldTokens } from "./tokens.js";

/**
 * Whether a text has nothing that is a secret by itself: neither one that is known from elsewhere nor the patterns of a
 * policy are looked for, but patterns in texts that stand encoded within it.
 *
 * @param bytes valid UTF-8
 * @returns where it has nothing, the layers of texts within it; else null
 */
export function layersOfNothing(bytes: Buffer, contentType: string, work: Work): Layers | null {
  const layers = new SeenLayers();
  return holdsNothing(bytes, contentType, work, layers, 0) ? layers : null;
}

function holdsNothing(
  bytes: Buffer,
  contentType: string,
  work: Work,
  layers: SeenLayers,
  depth: number,
): boolean {
  const screened: Screened = {
    bytes,
    work,
    plainIsNothing: !work.policy.hasPatterns && !layers.isBeyond,
    lookWithin: (coding) => layers.within(coding),
    nested: (text, coding) => {
      if (depth >= DEEPEST) return false;
      if (work.policy.hasPatterns || (typeof text === "string" && !isUtf16(text))) return true;
      const inner = typeof text === "string" ? Buffer.from(text, "utf8") : text;
      const within = layers.within(coding);
      // Where the layers do not tell, known secrets are looked for now.
      if (within.isBeyond && work.vault.index.mayStandIn(inner)) return true;
      return !isPlain(inner, 0, inner.length) && !holdsNothing(inner, "", work, within, depth + 1);
    },
  };
  return !mayHoldInForm(screened, contentType) && !mayHoldAnywhere(screened) && !mayHoldTokens(screened);
}

/** Half a character has no UTF-8. */
function isUtf16(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

function mayHoldInForm(screened: Screened, contentType: string): boolean {
  const { bytes } = screened;
  const { length } = bytes;
  const form = formOf(contentType.toLowerCase(), bytes.toString("utf8", 0, 3 * HEAD).slice(0, HEAD));
  if (form === "nothing") return false;
  if (form === "json") return mayHoldInJson(screened, 0, length);
  if (form === "markup") return mayHoldInMarkup(screened, 0, length);
  if (form === "form") return mayHoldInParams(screened, 0, length);
  if (form === "code" || form === "text") return mayHoldAssignments(screened, 0, length, form);
  if (form === "events" || form === "lines") return mayHoldInStream(screened, form);
  if (form === "multipart") return true;
  const text = bytes.toString("utf8");
  return finds(text, screened, (scan) => findContent(scan, 0, text.length, contentType));
}
