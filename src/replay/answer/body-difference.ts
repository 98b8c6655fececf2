// Where the body of a request differs from a recorded one, for the sentence about a miss.
import type { Leaf } from "./body-leaves.js";
import { hasPlaceholder } from "./placeholders.js";

/** @returns a sentence without a full stop; undefined where they are equal */
export function bodyDifference(came: Iterable<Leaf>, recorded: Iterable<Leaf>): string | undefined {
  const there = new Map([...recorded].map(({ place, value }) => [place, value]));
  for (const { place, value } of came) {
    const other = there.get(place);
    there.delete(place);
    if (other === undefined) return `the body has ${at(place)}, which the recorded one has not`;
    if (other !== value && !hasPlaceholder(other))
      return `the body differs${place === "" ? "" : ` at ${at(place)}`}: ${cut(value)} came, ${cut(other)} was recorded`;
  }
  const [missing] = there.keys();
  return missing === undefined ? undefined : `the recorded body has ${at(missing)}, which this one has not`;
}

function at(place: string): string {
  return place === "" ? "a value" : place;
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
