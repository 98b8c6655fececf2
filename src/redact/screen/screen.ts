// Most bodies hold no secret, and the finders take a long time to see that: they read characters and make strings of
// them. A screen walks over the bytes and says "nothing" or "perhaps"; after "perhaps" the finders look. What a screen
// calls clean, the finders leave as it is (test/redact/screen.test.ts holds them to it).
import { findContent, formOf, HEAD } from "../find-content.js";
import { DEEPEST, type Work } from "../work.js";
import { mayHoldAnywhere } from "./anywhere.js";
import { mayHoldAssignments } from "./assignments.js";
import { mayHoldInJson } from "./json.js";
import { mayHoldInMarkup } from "./markup.js";
import { finds, type Screened } from "./probe.js";
import { mayHoldTokens } from "./tokens.js";

/**
 * Whether a text has nothing that is a secret by itself: neither one that is known from elsewhere nor the patterns of a
 * policy are looked for, but in texts that stand encoded within it.
 *
 * @param bytes valid UTF-8
 * @param onNested called for each text within this one that was looked at
 */
export function holdsNothing(
  bytes: Buffer,
  contentType: string,
  work: Work,
  onNested: () => void,
  depth = 0,
): boolean {
  const nested = (text: string): boolean => {
    onNested();
    if (depth >= DEEPEST) return false;
    const inner = Buffer.from(text, "utf8");
    return work.policy.hasPatterns || work.vault.index.mayStandIn(inner) || !isUtf16(text)
      ? true
      : !holdsNothing(inner, "", work, onNested, depth + 1);
  };
  const screened = { bytes, work, nested };
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
  if (form === "code" || form === "text") return mayHoldAssignments(screened, 0, length, form);
  // Pieces of a stream are joined by the finder.
  if (form === "events" || form === "lines" || form === "multipart") return true;
  const text = bytes.toString("utf8");
  return finds(text, screened, (scan) => findContent(scan, 0, text.length, contentType));
}
