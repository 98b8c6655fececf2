// Compares two recordings of the same API: endpoints, statuses, the shape of their JSON, durations.
import { TrafficError } from "../errors.js";
import { endpointDifferences, failuresOf, isSlower } from "./diff/endpoints.js";
import { RecordingProfile } from "./diff/profile.js";
import type { Diff, DiffSide, FailOn } from "./diff/types.js";
import { type Choice, query, type SourceReport } from "./query.js";

export type { Diff, EndpointDifference, FailOn } from "./diff/types.js";

export interface DiffInput extends Omit<Choice, "words"> {
  /** A session or file, as `query` takes it. */
  readonly before: string;
  readonly after: string;
  /** Endpoints of different hosts are the same where their paths are. */
  readonly ignoreHost?: boolean | undefined;
  readonly failOn?: FailOn | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((session: string, done: number) => void) | undefined;
}

const NO_FAILURE: FailOn = { endpoints: false, status: false, shape: false, slower: null };

/** @throws EXCHANGE_NOT_FOUND where a side has no exchange, and what `query` throws. */
export async function diff(input: DiffInput): Promise<Diff> {
  const { failOn = NO_FAILURE } = input;
  const before = await profileOf(input, input.before);
  const after = await profileOf(input, input.after);
  const { slower } = failOn;
  // An endpoint that is slower than is wanted has changed, for whoever asked for it.
  const endpoints = endpointDifferences(before.profile, after.profile).map((each) =>
    each.change === "same" && slower !== null && isSlower(each, slower)
      ? { ...each, change: "changed" as const }
      : each,
  );
  return {
    before: sideOf(before),
    after: sideOf(after),
    endpoints,
    failures: failuresOf(endpoints, failOn),
  };
}

/** @returns what `endpoints,status,shape,slower=20%` means. @throws BAD_OPTION */
export function parseFailOn(text: string): FailOn {
  const failOn = { endpoints: false, status: false, shape: false, slower: null as number | null };
  for (const word of text.split(",").map((each) => each.trim().toLowerCase())) {
    const slower = /^slower=(\d+(?:\.\d+)?)%?$/.exec(word);
    if (slower !== null) failOn.slower = Number(slower[1]) / 100;
    else if (word === "endpoints" || word === "endpoint") failOn.endpoints = true;
    else if (word === "status" || word === "statuses") failOn.status = true;
    else if (word === "shape" || word === "shapes") failOn.shape = true;
    else {
      throw new TrafficError("BAD_OPTION", `--fail-on: '${word}' is nothing that a diff looks at`, {
        hint: "it takes endpoints, status, shape and slower=20%, with commas between them",
      });
    }
  }
  return failOn;
}

interface Profiled {
  readonly profile: RecordingProfile;
  readonly sessions: readonly string[];
  readonly reports: readonly SourceReport[];
}

async function profileOf(input: DiffInput, session: string): Promise<Profiled> {
  const { home, filter, flags, signal, onProgress } = input;
  const selection = await query({
    home,
    words: [session],
    filter,
    ...(flags === undefined ? {} : { flags }),
    signal,
  });
  try {
    if (selection.total === 0) {
      throw new TrafficError("EXCHANGE_NOT_FOUND", `there is no exchange to compare in ${session}`, {
        hint: "`trafficctl query` with the same session and filter shows what is chosen",
      });
    }
    const profile = new RecordingProfile(input.ignoreHost === true);
    for await (const selected of selection) {
      signal?.throwIfAborted();
      await profile.add(selected);
      onProgress?.(session, profile.exchanges);
    }
    const sessions = selection.reports.map(({ source }) => source.label);
    return { profile, sessions, reports: selection.reports };
  } finally {
    await selection.close();
  }
}

function sideOf({ profile, sessions, reports }: Profiled): DiffSide {
  const { exchanges, endpoints, unseenBodies, beyond } = profile;
  return { sessions, exchanges, endpoints: endpoints.size, unseenBodies, beyond, reports };
}
