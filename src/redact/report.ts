// What one redactor replaced, for the person who exports. Numbers only, never a secret.

export interface RedactionReport {
  /** Places that were replaced. */
  readonly total: number;
  /** Different secrets among them. */
  readonly secrets: number;
  /** By what they were: `header`, `cookie`, `query`, `form`, `json`, `jwt`, `token:github`, `known`, … */
  readonly kinds: Readonly<Record<string, number>>;
  /** By where they stood: `request header`, `response body`, `url`, `websocket`, … */
  readonly places: Readonly<Record<string, number>>;
  /** Secrets that were replaced in their own place only, because too many were known already. */
  readonly forgone: number;
}

export class Tally {
  readonly #kinds = new Map<string, number>();
  readonly #places = new Map<string, number>();
  #total = 0;

  count(kind: string, place: string): void {
    this.#total++;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    this.#places.set(place, (this.#places.get(place) ?? 0) + 1);
  }

  report(secrets: number, forgone: number): RedactionReport {
    return { total: this.#total, secrets, kinds: sorted(this.#kinds), places: sorted(this.#places), forgone };
  }
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)));
}
