// What the finders of one text share: the secrets of the export, the policy, and where the text stands.
import type { NameGrades } from "./name-grades.js";
import type { CompiledPolicy } from "./policy.js";
import type { Replacement } from "./scan.js";
import type { Vault } from "./vault.js";

/** Texts within texts within texts: deeper than this they stay as they are. */
export const DEEPEST = 4;

/** Where a text comes from. */
export interface ContentInfo {
  /** The Content-Type field as sent; "" where there is none. */
  readonly contentType: string;
  readonly side: "request" | "response";
  /** Of the exchange: policies can keep hosts and addresses. */
  readonly url?: string;
}

export interface Work {
  readonly vault: Vault;
  readonly policy: CompiledPolicy;
  readonly info: ContentInfo;
  /** What the names of fields say, policy included. */
  readonly names: NameGrades;
  /** Whether nobody will see the text that comes out: what is known from elsewhere need not be found. */
  isLearning(): boolean;
  /** Counts one replaced place. */
  count(kind: string): void;
  /** A text that stood encoded within this one, redacted. Returned as it is below a depth of four. */
  nested(text: string): string;
  /** What is to be replaced in a text that a stream gave in pieces. */
  joined(text: string): Replacement[];
  /** The value of a header field, redacted. */
  headerValue(name: string, value: string): string;
}
