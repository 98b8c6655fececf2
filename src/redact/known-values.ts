// Values that were left out in one place of an exchange, so that they are left out wherever else they stand in it: an echo
// of a password, a token of the query in a Referer.
import type { Exchange } from "../exchange/exchange.js";
import { formsOf, type SecretForm } from "./encodings.js";
import { mapTexts } from "./exchange-texts.js";
import { PATTERN_MINIMUM, SecretIndex } from "./secret-index.js";
import { worthLearning } from "./values.js";
import { readWide } from "./wide-text.js";

/** What stands in place of a value. */
export const REDACTED = "REDACTED";

/** A hostile document may have any number of values. */
const MOST_VALUES = 1_000;
/** Each exchange has its own: the tables of a large export would cost more than all else. */
const FEW_BITS = 11;
/** Shorter ones must stand as a word of their own. */
const BOUNDED_BELOW = 12;

export class KnownValues {
  /** Made with the first value: most exchanges have none. */
  #index: SecretIndex | undefined;
  readonly #values = new Set<string>();

  /** Values that are short, or words like any other, are left out in their own place only. */
  add(text: string): void {
    const value = text.trim();
    if (this.#values.size >= MOST_VALUES || this.#values.has(value) || !worthLearning(value, "secret"))
      return;
    this.#values.add(value);
    this.#index ??= new SecretIndex(FEW_BITS);
    const bounded = value.length < BOUNDED_BELOW;
    for (const { text: form, fit } of recentForms(value)) {
      if (form.length < PATTERN_MINIMUM) continue;
      this.#index.add({ text: form, secret: value, fit, bounded: bounded && form === value });
    }
  }

  /** The same bytes where none of the values stands in them; text in any of its forms. */
  replacedInBytes(bytes: Buffer): Buffer {
    if (this.#index === undefined) return bytes;
    const wide = readWide(bytes);
    if (wide !== undefined) {
      const after = this.replacedIn(wide.text);
      return after === wide.text ? bytes : wide.encode(after);
    }
    if (!this.#index.mayStandIn(bytes)) return bytes;
    const text = bytes.toString("utf8");
    // What is no UTF-8 is looked at a byte a character.
    const coding = Buffer.from(text, "utf8").equals(bytes) ? "utf8" : "latin1";
    const before = coding === "utf8" ? text : bytes.toString("latin1");
    const after = this.replacedIn(before);
    return after === before ? bytes : Buffer.from(after, coding);
  }

  replacedIn(text: string): string {
    const pieces: string[] = [];
    let done = 0;
    this.#index?.search(text, [], (start, end, { fit }) => {
      // Within longer base64: as many characters, so that what is around it still decodes.
      const filler = REDACTED.repeat(Math.ceil((end - start) / REDACTED.length)).slice(0, end - start);
      pieces.push(text.slice(done, start), fit === "inner" ? filler : REDACTED);
      done = end;
    });
    return done === 0 ? text : [...pieces, text.slice(done)].join("");
  }

  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    if (this.#values.size === 0) return exchange;
    const change = (text: string): string => this.replacedIn(text);
    return mapTexts(exchange, { address: change, prose: change, field: (_, value) => change(value) });
  }
}

/** A client sends the same credentials again and again. */
const RECENT = 64;
const recent = new Map<string, readonly SecretForm[]>();

function recentForms(value: string): readonly SecretForm[] {
  const known = recent.get(value);
  if (known !== undefined) return known;
  const forms = formsOf(value);
  if (recent.size >= RECENT) recent.delete(recent.keys().next().value ?? "");
  recent.set(value, forms);
  return forms;
}
