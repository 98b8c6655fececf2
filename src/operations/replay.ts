// Sends recorded requests again, into a new session; or says what would be sent.
import { headerValues } from "../exchange/headers.js";
import { type CompareResponses, compileComparison } from "../replay/compare/responses.js";
import { CookieJar } from "../replay/send/cookie-jar.js";
import { runPaced } from "../replay/send/pace.js";
import type { SendRequest } from "../replay/send/request.js";
import type { Sent } from "../replay/send/sender.js";
import type { Json } from "../session/manifest.js";
import { COMPARED_BYTES, recordedResponse, sentResponse } from "./compare.js";
import type { Selected, Selection } from "./query.js";
import { chosenExchanges } from "./replay/choose.js";
import { type Planner, planner } from "./replay/plan.js";
import { refusalOf, resultOf } from "./replay/results.js";
import { openSending, type Sending } from "./replay/sending.js";
import type { ReplayInput, ReplayOutcome, ReplayResult } from "./replay/types.js";

export type { CompareRules } from "../replay/compare/responses.js";
export type { RequestEdits } from "./replay/edits.js";
export type { ReplayInput, ReplayOutcome, ReplayResult } from "./replay/types.js";

/** At a recorded pace one slow answer must not hold up the requests behind it. */
const PACED_CONCURRENCY = 16;

/**
 * @throws what `query` and `openSending` throw, EXCHANGE_NOT_FOUND where nothing is chosen, BAD_OPTION; DISK_FULL and
 *   IO_FAILED where the new session can't be written: what was sent by then is in it.
 */
export async function replay(input: ReplayInput): Promise<ReplayOutcome> {
  const plan = planner(input);
  const compare = input.compare === undefined ? undefined : compileComparison(input.compare);
  const selection = await chosenExchanges(input);
  try {
    const run = new ReplayRun(input, selection, plan, compare);
    return input.execute ? await run.execute() : await run.dry();
  } finally {
    await selection.close();
  }
}

class ReplayRun {
  readonly #input: ReplayInput;
  readonly #selection: Selection;
  readonly #plan: Planner;
  readonly #compare: CompareResponses | undefined;
  readonly #jar: CookieJar | undefined;
  readonly #counts = { planned: 0, answered: 0, failed: 0, refused: 0, skipped: 0 };
  #different = 0;
  #done = 0;

  constructor(
    input: ReplayInput,
    selection: Selection,
    plan: Planner,
    compare: CompareResponses | undefined,
  ) {
    this.#input = input;
    this.#selection = selection;
    this.#plan = plan;
    this.#compare = compare;
    this.#jar = input.cookies === "follow" ? new CookieJar() : undefined;
  }

  async dry(): Promise<ReplayOutcome> {
    for await (const selected of this.#selection) {
      const plan = await this.#plan(selected);
      if (plan.kind === "ready") await this.#tell(resultOf(selected, plan.request, "planned"));
      else await this.#tell(refusalOf(selected, plan));
    }
    return this.#outcome(null);
  }

  async execute(): Promise<ReplayOutcome> {
    const { repeat = 1, signal = new AbortController().signal } = this.#input;
    const sending = await openSending(this.#input, this.#origin());
    const stop = (): void => sending.sender.stop();
    signal.addEventListener("abort", stop);
    try {
      for (let pass = 0; pass < repeat && !signal.aborted; pass++) await this.#pass(sending, signal);
      return this.#outcome(await sending.close());
    } finally {
      signal.removeEventListener("abort", stop);
      await sending.close();
    }
  }

  async #pass(sending: Sending, signal: AbortSignal): Promise<void> {
    const { speed, rate } = this.#input;
    const concurrency = this.#input.concurrency ?? (speed === undefined ? 1 : PACED_CONCURRENCY);
    await runPaced(
      {
        items: this.#selection,
        startOf: ({ facts }) => facts.startedAt,
        task: (selected) => this.#send(selected, sending),
        signal,
      },
      { concurrency, rate, speed },
    );
  }

  async #send(selected: Selected, sending: Sending): Promise<void> {
    const plan = await this.#plan(selected);
    if (plan.kind !== "ready") {
      await this.#tell(refusalOf(selected, plan));
      return;
    }
    await sending.ready();
    const request = this.#withCookies(plan.request);
    const sent = await sending.sender.send(request, {
      replays: selected.facts.id,
      keep: this.#compare === undefined ? undefined : COMPARED_BYTES,
    });
    this.#keepCookies(request, sent);
    await this.#tell(await this.#sentResult(selected, request, sent));
  }

  #withCookies(request: SendRequest): SendRequest {
    if (this.#jar === undefined) return request;
    return { ...request, headers: this.#jar.apply(request.url, request.headers, Date.now()) };
  }

  #keepCookies({ url }: SendRequest, { exchange }: Sent): void {
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    if (response === undefined || headerValues(response.headers, "set-cookie").length === 0) return;
    this.#jar?.store(url, response.headers, Date.now());
  }

  async #sentResult(selected: Selected, request: SendRequest, sent: Sent): Promise<ReplayResult> {
    const { exchange } = sent;
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    const comparison = this.#compare?.(await recordedResponse(selected), await sentResponse(sent)) ?? null;
    return {
      ...resultOf(selected, request, exchange.error === undefined ? "answered" : "failed"),
      id: exchange.id,
      httpVersion: exchange.request.httpVersion,
      status: response?.status ?? null,
      responseSize: response?.body.size ?? 0,
      duration: exchange.duration,
      error: exchange.error ?? null,
      comparison,
    };
  }

  async #tell(result: ReplayResult): Promise<void> {
    this.#counts[result.outcome]++;
    if (result.comparison?.same === false) this.#different++;
    const { execute, repeat = 1 } = this.#input;
    await this.#input.onResult(result, ++this.#done, this.#selection.given * (execute ? repeat : 1));
  }

  /** For the manifest: no headers, which may hold secrets. */
  #origin(): Record<string, Json> {
    const { target, repeat = 1 } = this.#input;
    return {
      replayed: this.#selection.reports.map(({ source }) => source.label),
      ...(target === undefined ? {} : { target }),
      ...(repeat === 1 ? {} : { repeat }),
    };
  }

  #outcome(session: ReplayOutcome["session"]): ReplayOutcome {
    return {
      session,
      chosen: this.#selection.total,
      taken: this.#selection.given,
      counts: this.#counts,
      different: this.#different,
      interrupted: this.#input.signal?.aborted === true,
      reports: this.#selection.reports,
    };
  }
}
