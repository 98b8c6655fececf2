// The places in a JSON text that JSON pointers name, in the text as it stands: formatting, numbers and the order of members
// stay, and of members of one name each is found, not only the last.
import { eachMember, isNamed, isObject, rootOf, type Span } from "../content/json-scan.js";

/** The steps of a JSON pointer (RFC 6901), unescaped; `*` is any name or index. */
export type PointerSteps = readonly string[];

/** @param text valid JSON. @returns places in their order, none within another */
export function namedPlaces(text: string, pointers: readonly PointerSteps[]): Span[] {
  const places: Span[] = [];
  const look = (span: Span, leading: readonly PointerSteps[], depth: number): void => {
    if (leading.some(({ length }) => length === depth)) {
      places.push(span);
      return;
    }
    const isList = !isObject(text, span);
    eachMember(text, span, (member) => {
      const further = leading.filter((steps) => {
        const step = steps[depth] ?? "";
        return step === "*" || (isList ? step === String(member.index) : isNamed(text, member, step));
      });
      if (further.length > 0) look({ start: member.value, end: member.end }, further, depth + 1);
      return false;
    });
  };
  if (pointers.length > 0) look(rootOf(text), pointers, 0);
  return places;
}
