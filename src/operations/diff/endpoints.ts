// Sets the endpoints of two recordings beside each other, and says which differences are failures.
import type { EndpointProfile, RecordingProfile } from "./profile.js";
import type { EndpointDifference, FailOn, FailOnKind, Failure, StatusShapeDifference } from "./types.js";

/** Differences of one shape that are named. */
const MOST_DIFFERENCES = 100;
/** Beyond it a median has moved: less is the clock. */
const LEAST_SLOWER_MS = 1;

/** Every endpoint of either, by URL and method. */
export function endpointDifferences(before: RecordingProfile, after: RecordingProfile): EndpointDifference[] {
  const keys = [...new Set([...before.endpoints.keys(), ...after.endpoints.keys()])];
  return keys
    .map((key) => differenceOf(key, before.endpoints.get(key), after.endpoints.get(key)))
    .sort((a, b) => compareTexts(a.endpoint, b.endpoint) || compareTexts(a.method, b.method));
}

function differenceOf(
  key: string,
  before: EndpointProfile | undefined,
  after: EndpointProfile | undefined,
): EndpointDifference {
  const blank = key.indexOf(" ");
  const named = {
    method: key.slice(0, blank),
    endpoint: key.slice(blank + 1),
    before: before?.summary() ?? null,
    after: after?.summary() ?? null,
  };
  if (before === undefined || after === undefined) {
    const change = before === undefined ? ("new" as const) : ("gone" as const);
    return { ...named, change, statuses: { new: [], gone: [] }, shapes: [], slower: null };
  }
  const statuses = {
    new: [...after.statuses.keys()].filter((status) => !before.statuses.has(status)).sort(),
    gone: [...before.statuses.keys()].filter((status) => !after.statuses.has(status)).sort(),
  };
  const shapes = shapeDifferences(before, after);
  const isChanged = statuses.new.length + statuses.gone.length + shapes.length > 0;
  const slower = slowerBy(before.p50, after.p50);
  return { ...named, change: isChanged ? "changed" : "same", statuses, shapes, slower };
}

function shapeDifferences(before: EndpointProfile, after: EndpointProfile): StatusShapeDifference[] {
  const found: StatusShapeDifference[] = [];
  for (const [status, shape] of [...before.shapes].sort(([a], [b]) => compareTexts(a, b))) {
    const other = after.shapes.get(status);
    if (other === undefined || shape.documents === 0 || other.documents === 0) continue;
    const all = shape.differencesTo(other);
    if (all.length === 0) continue;
    const differences = all.slice(0, MOST_DIFFERENCES);
    found.push({ status, differences, further: all.length - differences.length });
  }
  return found;
}

function slowerBy(before: number | null, after: number | null): number | null {
  if (before === null || after === null || before === 0) return null;
  return (after - before) / before;
}

/** In the order of the endpoints. */
export function failuresOf(endpoints: readonly EndpointDifference[], failOn: FailOn): Failure[] {
  return endpoints.flatMap((endpoint) => {
    const { method, endpoint: place, change, statuses, shapes } = endpoint;
    const failure = (kind: FailOnKind, message: string): Failure => ({
      kind,
      method,
      endpoint: place,
      message,
    });
    const failures: Failure[] = [];
    if (failOn.endpoints && (change === "new" || change === "gone")) {
      failures.push(failure("endpoints", change === "new" ? "a new endpoint" : "the endpoint is gone"));
    }
    if (failOn.status && statuses.new.length + statuses.gone.length > 0) {
      failures.push(failure("status", statusSentence(statuses)));
    }
    if (failOn.shape && shapes.length > 0) {
      const count = shapes.reduce((sum, { differences, further }) => sum + differences.length + further, 0);
      failures.push(failure("shape", `the shape of its JSON has changed in ${count} places`));
    }
    if (failOn.slower !== null && isSlower(endpoint, failOn.slower)) {
      failures.push(failure("slower", slowerSentence(endpoint)));
    }
    return failures;
  });
}

export function isSlower({ before, after, slower }: EndpointDifference, share: number): boolean {
  if (slower === null || slower <= share) return false;
  return (after?.p50 ?? 0) - (before?.p50 ?? 0) >= LEAST_SLOWER_MS;
}

function statusSentence({ new: added, gone }: EndpointDifference["statuses"]): string {
  const parts = [
    ...(added.length === 0 ? [] : [`${added.join(", ")} is new`]),
    ...(gone.length === 0 ? [] : [`${gone.join(", ")} is gone`]),
  ];
  return `its statuses have changed: ${parts.join(", ")}`;
}

function slowerSentence({ before, after, slower }: EndpointDifference): string {
  const ms = (value: number | null | undefined): string => `${(value ?? 0).toFixed(1)} ms`;
  return `its median rose by ${Math.round((slower ?? 0) * 100)} %: from ${ms(before?.p50)} to ${ms(after?.p50)}`;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
