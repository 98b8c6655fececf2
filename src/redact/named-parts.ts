// What is named is left out: header fields, parameters, form fields and values of JSON documents, and nothing that was not
// named, but for the same values elsewhere. For a recording that must not hold them; what leaves the machine goes through
// the policy (redactor.ts), which finds secrets by itself.
import { decodeText, encodeText } from "../content/text.js";
import type { Exchange } from "../exchange/exchange.js";
import { mapTexts } from "./exchange-texts.js";
import { type Form, formOf, HEAD } from "./find-content.js";
import { compileGlobs } from "./globs.js";
import { KnownValues, REDACTED } from "./known-values.js";
import { JsonParts } from "./named-documents.js";
import { namedFields } from "./named-fields.js";
import type { PointerSteps } from "./named-json.js";
import { NamedParameters } from "./named-parameters.js";
import { asciiOfUtf32, readWide } from "./wide-text.js";

export interface PartNames {
  /** Of header fields, with `*` for any characters, in any case; those below too. */
  readonly headers: readonly string[];
  /** Of parameters of the URL, and of addresses in header fields. */
  readonly query: readonly string[];
  /** Of fields of a form, as parameters or as parts. */
  readonly form: readonly string[];
  readonly json: readonly PointerSteps[];
}

/** For one exchange and its messages: what is left out in one of them is left out in all that come after. */
export class NamedParts {
  readonly #known = new KnownValues();
  readonly #headers: (name: string) => boolean;
  readonly #query: NamedParameters;
  readonly #form: NamedParameters;
  readonly #isField: (name: string) => boolean;
  readonly #json: JsonParts;
  readonly #hasFields: boolean;
  /** Whether anything in a body is named. */
  readonly #isIdle: boolean;

  constructor(names: readonly PartNames[]) {
    this.#headers = compileGlobs(names.flatMap(({ headers }) => headers));
    this.#query = new NamedParameters(compileGlobs(names.flatMap(({ query }) => query)), this.#known);
    this.#isField = compileGlobs(names.flatMap(({ form }) => form));
    this.#form = new NamedParameters(this.#isField, this.#known);
    this.#hasFields = names.some(({ form }) => form.length > 0);
    this.#isIdle = !this.#hasFields && names.every(({ json }) => json.length === 0);
    this.#json = new JsonParts(
      names.flatMap(({ json }) => json),
      this.#known,
    );
  }

  /** Everything of an exchange but its bodies. */
  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    return mapTexts(exchange, {
      address: (text) => this.#query.inAddress(text),
      field: (name, value) => (this.#headers(name) ? this.#field(value) : this.#query.inField(value)),
      prose: (text) => text,
    });
  }

  /**
   * A body without content coding, or a message.
   * @returns undefined where it can't be told where the values stand, and they may: it is to be left out as a whole
   */
  content(bytes: Buffer, contentType: string): Buffer | undefined {
    if (bytes.length === 0 || this.#isIdle) return bytes;
    const utf32 = asciiOfUtf32(bytes);
    if (utf32 !== undefined) return this.#mayHold(utf32) ? undefined : bytes;
    const wide = readWide(bytes);
    const decoded = wide === undefined ? decodeText(bytes, contentType) : null;
    // Beyond its charset a text is read a byte a character: all that is looked for is ASCII.
    const text = wide?.text ?? decoded?.text ?? bytes.toString("latin1");
    const type = contentType.toLowerCase();
    const first = Math.max(0, text.search(/[^\s\ufeff]/));
    const form = formOf(type, text.slice(first, first + HEAD));
    if (form === "multipart") return this.#multipart(bytes, contentType);
    const clean = this.#text(text, form, { type, isText: wide !== undefined || decoded !== null });
    if (clean === undefined || clean === text) return clean === undefined ? undefined : bytes;
    if (wide !== undefined) return wide.encode(clean);
    if (decoded === null) return Buffer.from(clean, "latin1");
    return encodeText(clean, decoded.charset) ?? Buffer.from(clean, "utf8");
  }

  /** What was left out elsewhere: for all texts of an exchange, when each of them had its own named parts left out. */
  get known(): KnownValues {
    return this.#known;
  }

  #multipart(bytes: Buffer, contentType: string): Buffer | undefined {
    const changes = {
      isNamed: this.#isField,
      inner: (content: Buffer, type: string) => this.content(content, type),
    };
    return namedFields(bytes, contentType, changes, this.#known);
  }

  #text(text: string, form: Form, body: { type: string; isText: boolean }): string | undefined {
    const clean = this.#json.inText(text, form, body.isText);
    if (clean === undefined || !this.#hasFields) return clean;
    if (form === "form" || /x-www-form-urlencoded/.test(body.type)) return this.#form.inForm(clean);
    // Forms are sent as JSON by mistake, and in the coding `text/plain`.
    if (form === "json") return /^\s*[[{"]/.test(clean) ? clean : this.#form.inForm(clean);
    return form === "text" && body.isText ? this.#form.inLines(clean) : clean;
  }

  #mayHold(ascii: string): boolean {
    return this.#json.mayHold(ascii) || (this.#hasFields && this.#form.inForm(ascii) !== ascii);
  }

  #field(value: string): string {
    // Credentials behind their scheme, cookies, parameters: what is one word behind a scheme is found as that word.
    if (!/^[\w-]+ [^\s;,="]{12,}=*$/.test(value)) this.#known.add(value);
    for (const [word] of value.matchAll(/[^\s;,="]{7,}=*/g)) this.#known.add(word);
    return REDACTED;
  }
}
