// What is named is left out: header fields, parameters, form fields and values of JSON documents, and nothing that was not
// named, but for the same values elsewhere. For a recording that must not hold them; what leaves the machine goes through
// the policy (redactor.ts), which finds secrets by itself.
import { parseForm, parseQuery } from "../content/query.js";
import { decodeText, encodeText } from "../content/text.js";
import type { Exchange } from "../exchange/exchange.js";
import { mapTexts } from "./exchange-texts.js";
import { formOf, HEAD } from "./find-content.js";
import { compileGlobs } from "./globs.js";
import { KnownValues, REDACTED } from "./known-values.js";
import { JsonParts } from "./named-documents.js";
import { namedFields } from "./named-fields.js";
import type { PointerSteps } from "./named-json.js";

export interface PartNames {
  /** Of header fields, with `*` for any characters, in any case; those below too. */
  readonly headers: readonly string[];
  /** Of parameters of the URL. */
  readonly query: readonly string[];
  /** Of fields of a form, as parameters or as parts. */
  readonly form: readonly string[];
  readonly json: readonly PointerSteps[];
}

/** For one exchange and its messages: what is left out in one of them is left out in all that come after. */
export class NamedParts {
  readonly #known = new KnownValues();
  readonly #headers: (name: string) => boolean;
  readonly #query: (name: string) => boolean;
  readonly #form: (name: string) => boolean;
  readonly #json: JsonParts;

  constructor(names: readonly PartNames[]) {
    this.#headers = compileGlobs(names.flatMap(({ headers }) => headers));
    this.#query = compileGlobs(names.flatMap(({ query }) => query));
    this.#form = compileGlobs(names.flatMap(({ form }) => form));
    this.#json = new JsonParts(
      names.flatMap(({ json }) => json),
      this.#known,
    );
  }

  /** Everything of an exchange but its bodies. */
  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    return mapTexts(exchange, {
      address: (text) => this.#address(text),
      field: (name, value) => (this.#headers(name) ? this.#field(value) : value),
      prose: (text) => text,
    });
  }

  /**
   * A body without content coding, or a message.
   * @returns undefined where it can't be told where the values stand, and they may: it is to be left out as a whole
   */
  content(bytes: Buffer, contentType: string): Buffer | undefined {
    if (bytes.length === 0) return bytes;
    const decoded = decodeText(bytes, contentType);
    // Beyond its charset a text is read a byte a character: all that is looked for is ASCII.
    const text = decoded?.text ?? bytes.toString("latin1");
    const form = formOf(contentType.toLowerCase(), text.slice(0, HEAD));
    if (form === "multipart") return namedFields(bytes, contentType, this.#form, this.#known);
    const clean = this.#text(text, form);
    if (clean === undefined || clean === text) return clean === undefined ? undefined : bytes;
    if (decoded === null) return Buffer.from(clean, "latin1");
    return encodeText(clean, decoded.charset) ?? Buffer.from(clean, "utf8");
  }

  /** What was left out elsewhere: for all texts of an exchange, when each of them had its own named parts left out. */
  get known(): KnownValues {
    return this.#known;
  }

  #text(text: string, form: ReturnType<typeof formOf>): string | undefined {
    if (form === "form") return withoutValues(text, parseForm(text), this.#form, this.#known);
    if (form === "events") return this.#json.inEvents(text);
    if (form === "lines") return this.#json.inLines(text);
    return form === "json" ? this.#json.inDocument(text) : text;
  }

  #address(text: string): string {
    return withoutValues(text, parseQuery(text), this.#query, this.#known);
  }

  #field(value: string): string {
    this.#known.add(value);
    // Credentials behind their scheme, cookies, parameters.
    for (const [word] of value.matchAll(/[^\s;,="]{7,}=*/g)) this.#known.add(word);
    return REDACTED;
  }
}

function withoutValues(
  text: string,
  parameters: ReturnType<typeof parseForm>,
  isNamed: (name: string) => boolean,
  known: KnownValues,
): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { name, value, rawValue, end } of parameters) {
    if (rawValue === null || rawValue === "" || !isNamed(name)) continue;
    known.add(value);
    pieces.push(text.slice(done, end - rawValue.length), REDACTED);
    done = end;
  }
  return done === 0 ? text : [...pieces, text.slice(done)].join("");
}
