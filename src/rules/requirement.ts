// What the head of a request must have for a test to hold, as far as it can be looked up for all rules at once
// (index-rules.ts). A requirement never says that a test holds: where it is not met, the test says false.

/** A text that is there, in some case of its letters. ASCII: beyond it one text has several notations. */
export type Trace =
  /** In the host name, in the URL, or in a `name=value` of the query as it is decoded. */
  | { readonly place: "host" | "url" | "query"; readonly text: string }
  /** In `: value\r\n` of a header field of this name. */
  | { readonly place: "field"; readonly name: string; readonly text: string }
  /** The same of one whose name ends so; or there is a value that looks like a header line itself. */
  | { readonly place: "line"; readonly name: string; readonly text: string };

export type Requirement =
  /** @throws TrafficError PATTERN_TOO_SLOW */
  { readonly method: (method: string) => boolean } | { readonly anyOf: readonly Trace[] };

/** What is required where one of several holds: of each its most telling text; nothing where one has none. */
export function oneOf(options: readonly (readonly Requirement[])[]): readonly Requirement[] {
  const [only] = options;
  if (options.length === 1 && only !== undefined) return only;
  const anyOf: Trace[] = [];
  for (const option of options) {
    const traces = mostTelling(option);
    if (traces === undefined) return [];
    anyOf.push(...traces);
  }
  return [{ anyOf }];
}

function mostTelling(requirements: readonly Requirement[]): readonly Trace[] | undefined {
  let best: readonly Trace[] | undefined;
  for (const requirement of requirements) {
    if (!("anyOf" in requirement)) continue;
    if (best === undefined || shortest(requirement.anyOf) > shortest(best)) best = requirement.anyOf;
  }
  return best;
}

function shortest(traces: readonly Trace[]): number {
  return Math.min(...traces.map((trace) => trace.text.length + ("name" in trace ? trace.name.length : 0)));
}
