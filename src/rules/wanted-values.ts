// What a structured match asks of a parameter or a header field, and what that requires of the request's head.
import { isRegex } from "./regex.js";
import { textsOf, textsOfRegexLiteral } from "./required-texts.js";
import type { Requirement, Trace } from "./requirement.js";

/** A value or a `/regular expression/`; true: any value; null or false: none. */
export type Wanted = string | number | boolean | null;

/** A parameter is there as it is written here, or with escapes. */
export function parameterTexts(name: string, wanted: Wanted): readonly Requirement[] {
  if (wanted === null || wanted === false) return [];
  const inQuery = (text: string): Trace => ({ place: "query", text });
  const text = wanted === true ? "" : String(wanted);
  if (isRegex(text)) return [...textsOf(inQuery, name), ...textsOfRegexLiteral(inQuery, text)];
  return textsOf(inQuery, text === "" ? name : `${name}=${text}`);
}

export function fieldTexts(name: string, wanted: Wanted): readonly Requirement[] {
  if (wanted === null || wanted === false) return [];
  const inField = (text: string): Trace => ({ place: "field", name, text });
  const isThere: Requirement = { anyOf: [inField("")] };
  if (wanted === true) return [isThere];
  const text = String(wanted);
  return [
    isThere,
    ...(isRegex(text) ? textsOfRegexLiteral(inField, text) : textsOf(inField, `: ${text}\r\n`)),
  ];
}
