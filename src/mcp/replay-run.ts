// A replay for a client: what would be sent is looked at before anything is, then sent, its results in pages.
import { z } from "zod";
import { type ReplayInput, type ReplayOutcome, type ReplayResult, replay } from "../operations/replay.js";
import { most, shortened } from "./budget.js";
import { rounded } from "./exchange-row.js";
import { RESULT } from "./kept-pages.js";
import { COUNT, type DataOf, FLAG, MAYBE_COUNT, MAYBE_TEXT, MILLISECONDS, OBJECT, TEXT } from "./output.js";
import { type Answer, costOf } from "./result.js";
import { assertSendable } from "./send-gate.js";
import type { ToolContext } from "./tool.js";

export type Chosen = Omit<ReplayInput, "execute" | "onResult">;

export const REPLAYED = {
  session: MAYBE_TEXT.describe("The new session; null: nothing was sent"),
  chosen: COUNT,
  taken: COUNT,
  counts: OBJECT,
  different: COUNT,
  interrupted: FLAG,
  results: z.array(
    z.object({
      outcome: TEXT,
      replays: TEXT.describe("id of the recorded exchange"),
      id: MAYBE_TEXT.describe("id in the new session"),
      seq: COUNT,
      method: TEXT,
      url: TEXT,
      status: MAYBE_COUNT,
      recordedStatus: MAYBE_COUNT,
      duration: MILLISECONDS,
      error: OBJECT.exactOptional(),
      reason: TEXT.exactOptional(),
      comparison: OBJECT.exactOptional(),
    }),
  ),
  result: RESULT,
};

interface Ran {
  readonly outcome: ReplayOutcome;
  readonly results: readonly ReplayResult[];
}

/** Nothing is sent. @throws as `replay` does */
export async function planOf(chosen: Chosen, context: ToolContext): Promise<Ran> {
  return await run({ ...chosen, execute: false }, context);
}

/** @throws Refusal where something of it may not be sent: then nothing was; and as `replay` does */
export async function executed(chosen: Chosen, context: ToolContext): Promise<Ran> {
  const { allowSend } = context.settings;
  if (!allowSend) {
    const { results } = await planOf({ ...chosen, unsafe: true }, context);
    await assertSendable(
      results.filter(({ outcome }) => outcome === "planned"),
      context,
    );
  }
  return await run({ ...chosen, unsafe: allowSend, execute: true }, context);
}

async function run(input: Omit<ReplayInput, "onResult">, context: ToolContext): Promise<Ran> {
  const results: ReplayResult[] = [];
  const onResult = (result: ReplayResult, done: number, expected: number): void => {
    results.push(result);
    context.progress(done, expected);
  };
  const outcome = await replay({ ...input, signal: context.signal, onResult });
  return { outcome, results };
}

/** The first results, and the name by which read_result gives all. */
export function replayAnswer(
  { outcome, results }: Ran,
  context: ToolContext,
): Answer<DataOf<typeof REPLAYED>> {
  const { safe, settings, kept } = context;
  // Those that are not as they should be first: what does not fit is what went well.
  const rows = [...results]
    .sort((a, b) => Number(isFine(a)) - Number(isFine(b)))
    .map((each) => safe.deep(rowOf(each)));
  const lines = [...results]
    .sort((a, b) => Number(isFine(a)) - Number(isFine(b)))
    .map((each) => safe.text(lineOf(each)));
  const { session, chosen, taken, counts, different, interrupted } = outcome;
  const about = { session: session?.id ?? null, chosen, taken, counts, different, interrupted };
  const name = kept.keep(about, rows);
  const make = (count: number) => ({
    text: `${summary(outcome)}${count < rows.length ? ` The first ${count} of ${rows.length} results; read_result has all.` : ""}`,
    data: { ...about, results: rows.slice(0, count), ...(count < rows.length ? { result: name } : {}) },
    traffic: lines.slice(0, count).join("\n"),
  });
  return make(most(rows.length, (count) => costOf(make(count)) <= settings.budget));
}

function isFine({ outcome, comparison }: ReplayResult): boolean {
  return (outcome === "answered" || outcome === "planned") && comparison?.same !== false;
}

function summary({ session, chosen, taken, counts, different }: ReplayOutcome): string {
  const numbers = Object.entries(counts).filter(([, count]) => count > 0);
  const what = numbers.map(([name, count]) => `${count} ${name}`).join(", ");
  const left = chosen > taken ? ` ${chosen} were chosen, ${taken} taken (limit).` : "";
  const compared = different === 0 ? "" : ` ${different} responses differ from the recorded ones.`;
  if (session === null) return `Nothing was sent. ${what}.${left}`;
  return `Sent into session ${session.id}: ${what}.${compared}${left}`;
}

const LONGEST = 300;

function rowOf({ recorded, comparison, duration, error, reason, url, ...result }: ReplayResult) {
  return {
    ...result,
    url: shortened(url, LONGEST),
    duration: duration === null ? null : rounded(duration),
    recordedStatus: recorded.status,
    ...(error === null ? {} : { error }),
    ...(reason === null ? {} : { reason }),
    ...(comparison === null ? {} : { comparison }),
  };
}

function lineOf({
  seq,
  outcome,
  method,
  url,
  status,
  recorded,
  error,
  reason,
  comparison,
}: ReplayResult): string {
  const answer = status === null ? "" : `  ${status} (recorded ${recorded.status ?? "none"})`;
  const why = reason ?? error?.message ?? "";
  const same = comparison === null ? "" : comparison.same ? "  same" : "  differs";
  return `${seq}  ${outcome}  ${method} ${shortened(url, LONGEST)}${answer}${same}${why === "" ? "" : `  ${why}`}`;
}
