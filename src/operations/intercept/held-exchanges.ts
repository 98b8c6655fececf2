// Exchanges that are held at a breakpoint: who waits, since when, and how each goes on. One whose client leaves is let
// go, and so are all of them when the proxy stops.
import { TrafficError } from "../../errors.js";
import type {
  InterventionHead,
  InterventionMessage,
  RequestOutcome,
  ResponseContinue,
  ResponseHead,
  ResponseOutcome,
} from "../../proxy/intervention.js";
import type { Breakpoints } from "../rules/intervene.js";

interface HeldRequest {
  readonly phase: "request";
  /** 1, 2, … in the order in which they were held. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly message: InterventionMessage<InterventionHead>;
  /** What the rules make of it; that happens when it goes on unchanged. */
  readonly outcome: RequestOutcome;
}

interface HeldResponse {
  readonly phase: "response";
  readonly id: number;
  readonly since: number;
  readonly message: InterventionMessage<ResponseHead> & { readonly request: InterventionHead };
  readonly outcome: ResponseContinue;
}

export type Held = HeldRequest | HeldResponse;

interface Waiting {
  readonly held: Held;
  /** Undefined: as its rules say. */
  readonly release: (outcome: RequestOutcome | undefined) => void;
}

/** A longer one ends at once. No client waits for 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class HeldExchanges implements Breakpoints {
  readonly #holdAtMostMs: number | undefined;
  readonly #onHeld: (held: Held) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #closed = false;

  /** @param holdAtMostMs undefined: until someone lets it go @param onHeld told of each one */
  constructor(holdAtMostMs: number | undefined, onHeld: (held: Held) => void) {
    this.#holdAtMostMs = holdAtMostMs === undefined ? undefined : Math.min(holdAtMostMs, LONGEST_TIMER_MS);
    this.#onHeld = onHeld;
  }

  async request(
    message: InterventionMessage<InterventionHead>,
    outcome: RequestOutcome,
    signal: AbortSignal,
  ): Promise<RequestOutcome> {
    const place = { id: ++this.#lastId, since: Date.now() };
    return (await this.#hold({ phase: "request", ...place, message, outcome }, signal)) ?? outcome;
  }

  async response(
    message: InterventionMessage<ResponseHead> & { readonly request: InterventionHead },
    outcome: ResponseContinue,
    signal: AbortSignal,
  ): Promise<ResponseOutcome> {
    const place = { id: ++this.#lastId, since: Date.now() };
    const decided = await this.#hold({ phase: "response", ...place, message, outcome }, signal);
    if (decided === undefined || decided.kind === "respond") return outcome;
    return decided;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The oldest first. */
  list(): readonly Held[] {
    return [...this.#waiting.values()].map(({ held }) => held);
  }

  /** @throws TrafficError EXCHANGE_NOT_FOUND */
  get(id: number): Held {
    return this.#find(id).held;
  }

  /** It goes on. @param outcome undefined: as its rules say @throws TrafficError EXCHANGE_NOT_FOUND */
  release(id: number, outcome?: RequestOutcome): void {
    this.#find(id).release(outcome);
  }

  /** @returns how many were held */
  releaseAll(): number {
    const all = [...this.#waiting.values()];
    for (const { release } of all) release(undefined);
    return all.length;
  }

  close(): void {
    this.#closed = true;
    this.releaseAll();
  }

  #find(id: number): Waiting {
    const found = this.#waiting.get(id);
    if (found !== undefined) return found;
    const ids = [...this.#waiting.keys()];
    throw new TrafficError("EXCHANGE_NOT_FOUND", `no exchange is held as ${id}`, {
      hint: ids.length === 0 ? "nothing is held" : `held: ${ids.join(", ")}`,
    });
  }

  #hold(held: Held, signal: AbortSignal): Promise<RequestOutcome | undefined> {
    if (this.#closed || signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const release = (outcome: RequestOutcome | undefined): void => {
        this.#waiting.delete(held.id);
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
        resolve(outcome);
      };
      const leave = (): void => release(undefined);
      const timer = this.#holdAtMostMs === undefined ? undefined : setTimeout(leave, this.#holdAtMostMs);
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.set(held.id, { held, release });
      this.#onHeld(held);
    });
  }
}
