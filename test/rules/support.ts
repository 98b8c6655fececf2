// Rules from YAML, requests, and surroundings in which nothing is left to chance.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { RuleCounts } from "../../src/rules/counts.js";
import { parseRules } from "../../src/rules/load.js";
import type { Surroundings } from "../../src/rules/ruled-exchange.js";
import type { RequestHead, ResponseHead } from "../../src/rules/subject.js";
import { type Trial, type TrialInput, tryRules } from "../../src/rules/trial.js";
import type { RuleSet } from "../../src/rules/types.js";

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function rules(yaml: string, folder = "/nowhere"): Promise<RuleSet> {
  return await parseRules(yaml, "rules.yaml", folder);
}

/** A file of one rule, which acts on everything. */
export async function acting(actions: unknown, folder?: string, match?: unknown): Promise<RuleSet> {
  return await rules(JSON.stringify({ rules: [{ name: "rule", match, actions }] }), folder);
}

export function request(fields: Partial<RequestHead> = {}): RequestHead {
  return {
    method: "GET",
    url: "https://api.example.com/orders/42?page=2",
    httpVersion: "HTTP/1.1",
    headers: [["Host", "api.example.com"]],
    ...fields,
  };
}

export function response(fields: Partial<ResponseHead> = {}): ResponseHead {
  return { status: 200, reason: "OK", httpVersion: "HTTP/1.1", headers: [], ...fields };
}

/** @param fractions what is drawn, one after the other; the last one from then on */
export function surroundings(fractions: readonly number[] = [0]): Surroundings {
  let drawn = 0;
  return {
    counts: new RuleCounts(),
    chance: {
      fraction: () => fractions[Math.min(drawn++, fractions.length - 1)] ?? 0,
      integer: (min) => min,
      uuid: () => "00000000-0000-4000-8000-000000000000",
    },
    now: () => new Date("2026-11-20T10:15:30.123Z"),
  };
}

export async function trial(
  set: RuleSet,
  input: Partial<TrialInput> & { readonly body?: string } = {},
  around = surroundings(),
): Promise<Trial> {
  const { body, ...rest } = input;
  return await tryRules(set, { request: request(), requestBody: Buffer.from(body ?? ""), ...rest }, around);
}

export function json(body: unknown, type = "application/json"): { headers: RawHeaders; body: Buffer } {
  return { headers: [["Content-Type", type]], body: Buffer.from(JSON.stringify(body)) };
}
