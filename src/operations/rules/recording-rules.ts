// The place of rules and breakpoints in a recording. What does the work is loaded when there is any: a recording without
// rules pays one call for each request.
import type { HeldSummary } from "../../control/intercept-methods.js";
import { TrafficError } from "../../errors.js";
import type { ExchangeIntervention, Intervention, InterventionHead } from "../../proxy/intervention.js";
import type { Shortcuts } from "../../rules/shortcuts.js";
import type { LiveRules } from "./live-rules.js";

export interface RecordRulesOptions {
  /** Paths of rule files; each is applied again when it is saved. */
  readonly files?: readonly string[];
  /** Rules as flags of `record`; their files are relative to the working directory. */
  readonly shortcuts?: Shortcuts;
  /** A filter: exchanges that it matches are held until someone lets them go (`trafficctl intercept`). */
  readonly intercept?: string;
  /** How long they are held at most. Default: without end. */
  readonly interceptTimeoutMs?: number;
}

interface RuleListeners {
  /** A rule file was saved: so many rules are in force; with an `error` it was wrong, and those before stay. */
  readonly onRules: (rules: number, error?: TrafficError) => void;
  /** An exchange is held from now on. */
  readonly onHeld: (held: HeldSummary) => void;
  readonly onWarning: (warning: TrafficError) => void;
}

export class RecordingRules implements Intervention {
  readonly #options: RecordRulesOptions;
  readonly #listeners: RuleListeners;
  readonly #told = new Set<string>();
  #loading: Promise<LiveRules> | undefined;
  #live: LiveRules | undefined;
  #closed = false;

  /** @throws TrafficError RULES_INVALID, FILE_NOT_FOUND, BAD_OPTION, FILTER_INVALID, IO_FAILED */
  static async open(options: RecordRulesOptions, listeners: RuleListeners): Promise<RecordingRules> {
    const rules = new RecordingRules(options, listeners);
    const { files = [], shortcuts = {}, intercept } = options;
    const texts = Object.values(shortcuts).flat();
    if (files.length > 0 || texts.length > 0 || intercept !== undefined) await rules.load();
    return rules;
  }

  private constructor(options: RecordRulesOptions, listeners: RuleListeners) {
    this.#options = options;
    this.#listeners = listeners;
  }

  begin(request: InterventionHead): ExchangeIntervention | undefined {
    return this.#live?.begin(request);
  }

  /** What may be asked and changed while it runs. */
  async load(): Promise<LiveRules> {
    this.#loading ??= this.#load();
    return await this.#loading;
  }

  /** Rules in force. */
  get count(): number {
    return this.#live?.count ?? 0;
  }

  /** Exchanges that are held. */
  get held(): number {
    return this.#live?.held.size ?? 0;
  }

  get intercept(): string | undefined {
    return this.#live?.intercept;
  }

  /** Every exchange that is over has reached the recorder. */
  async settled(): Promise<void> {
    await this.#live?.settled();
  }

  /** Lets go what is held; no file is watched any more. */
  close(): void {
    this.#closed = true;
    this.#live?.close();
  }

  async #load(): Promise<LiveRules> {
    const { LiveRules } = await import("./live-rules.js");
    const { files = [], shortcuts = {}, intercept, interceptTimeoutMs } = this.#options;
    const { onHeld, onRules } = this.#listeners;
    const live = await LiveRules.open(
      { files, shortcuts, folder: process.cwd(), intercept, interceptTimeoutMs },
      {
        onApplied: (count) => onRules(count),
        onBroken: (error) => onRules(live.count, error),
        onHeld,
        onNotes: (notes) => this.#notes(notes),
      },
    );
    if (this.#closed) live.close();
    this.#live = live;
    return live;
  }

  /** Each of them once: a rule that can't do its work fails with every request. */
  #notes(notes: readonly string[]): void {
    for (const note of notes) {
      if (this.#told.has(note) || this.#told.size >= NOTES_TOLD) continue;
      this.#told.add(note);
      this.#listeners.onWarning(new TrafficError("RULES_INVALID", `rules: ${note}`));
    }
  }
}

const NOTES_TOLD = 100;
