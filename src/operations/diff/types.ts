// Two recordings of the same API beside each other, endpoint by endpoint.
import type { ShapeDifference } from "../../replay/compare/shape.js";
import type { SourceReport } from "../query.js";

export interface Diff {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Every one of either side, by its URL. */
  readonly endpoints: readonly EndpointDifference[];
  /** What was asked to fail, a sentence each. */
  readonly failures: readonly Failure[];
}

export interface DiffSide {
  readonly sessions: readonly string[];
  readonly exchanges: number;
  readonly endpoints: number;
  /** JSON bodies that were not looked into: too large, damaged, or not recorded as a whole. */
  readonly unseenBodies: number;
  /** Exchanges of endpoints beyond those that are kept. */
  readonly beyond: number;
  readonly reports: readonly SourceReport[];
}

export interface EndpointDifference {
  readonly method: string;
  /** URL without query, what varies in its path folded into `{id}`. */
  readonly endpoint: string;
  readonly change: "new" | "gone" | "changed" | "same";
  /** null where it is not there. */
  readonly before: EndpointSummary | null;
  readonly after: EndpointSummary | null;
  /** Statuses that only one side has. */
  readonly statuses: { readonly new: readonly string[]; readonly gone: readonly string[] };
  /** Of the JSON bodies of each status that both have, where they differ. */
  readonly shapes: readonly StatusShapeDifference[];
  /** How much longer it takes by its median, as a share: 0.2 is 20 percent slower; null where that is not known. */
  readonly slower: number | null;
}

export interface StatusShapeDifference {
  readonly status: string;
  readonly differences: readonly ShapeDifference[];
  /** Differences beyond those. */
  readonly further: number;
}

export interface EndpointSummary {
  readonly exchanges: number;
  /** How often each came: `200`, or the code of an error such as `connect-refused`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Median of the durations in milliseconds; null where none ended. */
  readonly p50: number | null;
}

export type FailOnKind = "endpoints" | "status" | "shape" | "slower";

export interface FailOn {
  readonly endpoints: boolean;
  readonly status: boolean;
  readonly shape: boolean;
  /** 0.2: a median that is more than 20 percent longer. */
  readonly slower: number | null;
}

export interface Failure {
  readonly kind: FailOnKind;
  readonly method: string;
  readonly endpoint: string;
  readonly message: string;
}
