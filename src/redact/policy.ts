// The redaction policy: the built-in rules, and what a policy file (YAML or JSON) adds to and takes from them.
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { TrafficError } from "../errors.js";
import { compileGlobs } from "./globs.js";
import { NameGrades } from "./name-grades.js";
import { gradeName } from "./names.js";
import { compilePatterns } from "./patterns.js";
import type { Scan } from "./scan.js";
import { HEADLESS_SHAPES, TOKEN_SHAPES } from "./token-shapes.js";

const names = z.array(z.string().min(1)).default([]);
const namesBlock = z.strictObject({ redact: names, keep: names }).prefault({});

/** The ids of the token shapes, `userinfo` for passwords in addresses included. */
const TOKEN_IDS: ReadonlySet<string> = new Set([
  ...[...TOKEN_SHAPES, ...HEADLESS_SHAPES].map(({ id }) => id),
  "userinfo",
]);

const policySchema = z.strictObject({
  version: z.literal(1).default(1),
  /** Names of header fields; `*` stands for any characters. */
  headers: namesBlock,
  /** Names of query and form parameters, JSON members, elements, attributes and settings in text. */
  fields: namesBlock,
  /** Cookies whose values stay. */
  cookies: z.strictObject({ keep: names }).prefault({}),
  /** Regular expressions (ECMAScript) for values anywhere. The first group is the secret, or else the whole match. */
  patterns: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w-]{1,40}$/, "letters, digits, - and _ only"),
        match: z.string().min(1).max(1000),
        ignoreCase: z.boolean().default(false),
      }),
    )
    .default([]),
  /** Values to replace wherever they stand, and values that are never replaced. */
  values: z.strictObject({ redact: z.array(z.string().min(4)).default([]), keep: names }).prefault({}),
  /** Token shapes that stay, by id. */
  tokens: z
    .strictObject({
      keep: z.array(z.string().refine((id) => TOKEN_IDS.has(id), "no such token shape")).default([]),
    })
    .prefault({}),
  /** Exchanges that stay as they are, by host or by address; `*` stands for any characters. */
  keep: z.strictObject({ hosts: names, urls: names }).prefault({}),
});

/** A policy as data; every list is empty by default, which is the built-in policy. */
export type Policy = z.output<typeof policySchema>;

export const DEFAULT_POLICY: Policy = policySchema.parse({});

/**
 * Reads a policy file.
 *
 * @param path for the messages
 * @throws TrafficError POLICY_INVALID with line and column of the first fault
 */
export function parsePolicy(text: string, { path }: { readonly path: string }): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const fault = document.errors[0];
  if (fault !== undefined) throw invalid(`${place(fault.pos[0])}: ${fault.message}`, fault);
  const outcome = policySchema.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {});
  if (!outcome.success) {
    const issue = outcome.error.issues[0]!;
    const node = document.getIn(
      issue.path.filter((step) => typeof step !== "symbol"),
      true,
    );
    const range = isRanged(node) ? node.range[0] : 0;
    const at = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
    throw invalid(`${place(range)}: ${at}${issue.message}`, outcome.error);
  }
  try {
    compilePatterns(outcome.data.patterns);
  } catch (error) {
    const index = outcome.data.patterns.findIndex((each) => !compiles(each));
    const node = document.getIn(["patterns", index, "match"], true);
    const message = error instanceof Error ? error.message : String(error);
    throw invalid(`${place(isRanged(node) ? node.range[0] : 0)}: ${message}`, error);
  }
  return outcome.data;
}

function compiles(pattern: Policy["patterns"][number]): boolean {
  try {
    compilePatterns([pattern]);
    return true;
  } catch {
    return false;
  }
}

function isRanged(node: unknown): node is { readonly range: readonly [number, ...number[]] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function invalid(message: string, cause: unknown): TrafficError {
  return new TrafficError("POLICY_INVALID", message, {
    hint: "docs/redaction.md has an example of a policy file",
    cause,
  });
}

/** A policy ready to be asked. */
export interface CompiledPolicy {
  readonly keptTokens: ReadonlySet<string>;
  readonly literals: readonly string[];
  readonly fields: NameGrades;
  readonly headers: NameGrades;
  keepsCookie(name: string): boolean;
  keepsValue(value: string): boolean;
  /** Whether the exchange with this address stays as it is. */
  keepsUrl(url: string): boolean;
  readonly hasPatterns: boolean;
  /** Finds what the patterns match. @throws TrafficError PATTERN_TOO_SLOW */
  findPatterns(scan: Scan): void;
}

export function compilePolicy(policy: Policy): CompiledPolicy {
  const keptValues = new Set(policy.values.keep);
  const keptHosts = compileGlobs(policy.keep.hosts);
  const keptUrls = compileGlobs(policy.keep.urls);
  return {
    keptTokens: new Set(policy.tokens.keep),
    literals: policy.values.redact,
    fields: grader(policy.fields),
    headers: grader({
      redact: [...policy.headers.redact, ...policy.fields.redact],
      keep: [...policy.headers.keep, ...policy.fields.keep],
    }),
    keepsCookie: compileGlobs(policy.cookies.keep),
    keepsValue: (value) => keptValues.has(value),
    keepsUrl: (url) => keptUrls(url) || keptHosts(hostOf(url)),
    hasPatterns: policy.patterns.length > 0,
    findPatterns: compilePatterns(policy.patterns),
  };
}

function grader(block: { readonly redact: readonly string[]; readonly keep: readonly string[] }): NameGrades {
  const redacts = compileGlobs(block.redact);
  const keeps = compileGlobs(block.keep);
  const isBuiltIn = block.redact.length === 0;
  return new NameGrades(
    (name) => (keeps(name) ? "none" : redacts(name) ? "secret" : gradeName(name)),
    isBuiltIn,
  );
}

function hostOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(url)?.[1] ?? "";
}
