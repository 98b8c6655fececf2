// The header fields of a message that rules change: in place, with the names and the order of the rest untouched.
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import { compileGlob } from "./glob.js";

export class HeaderList {
  #fields: (readonly [name: string, value: string])[];
  readonly #lowerCase: boolean;
  readonly #set = new Set<string>();
  #changed = false;

  /** @param lowerCase names are written in lower case, as HTTP/2 has them (RFC 9113 section 8.2.1) */
  constructor(fields: RawHeaders, lowerCase: boolean) {
    this.#fields = [...fields];
    this.#lowerCase = lowerCase;
  }

  get fields(): RawHeaders {
    return this.#fields;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Whether a rule has said what this field is: then nothing else corrects it. */
  isSetByRule(name: string): boolean {
    return this.#set.has(name.toLowerCase());
  }

  value(name: string): string | undefined {
    return headerValue(this.#fields, name);
  }

  /** All fields of that name become these; they stand where the first one stood. */
  set(name: string, values: readonly string[]): void {
    this.#set.add(name.toLowerCase());
    this.correct(name, values);
  }

  append(name: string, value: string): void {
    this.#set.add(name.toLowerCase());
    this.#fields.push([this.#named(name), bytesOf(value)]);
    this.#changed = true;
  }

  /** @param glob a name, with `*` for any characters */
  remove(glob: string): void {
    const matcher = compileGlob(glob, { ignoreCase: true });
    this.#keep(([name]) => !matcher.test(name));
  }

  /** As `set`, for what follows from a rule rather than is said by it. */
  correct(name: string, values: readonly string[]): void {
    const lower = name.toLowerCase();
    const at = this.#fields.findIndex(([field]) => field.toLowerCase() === lower);
    const written = this.#fields[at]?.[0] ?? this.#named(name);
    this.#keep(([field]) => field.toLowerCase() !== lower);
    const fields = values.map((value) => [written, bytesOf(value)] as const);
    this.#fields.splice(at === -1 ? this.#fields.length : at, 0, ...fields);
    this.#changed = true;
  }

  #keep(predicate: (field: readonly [string, string]) => boolean): void {
    const kept = this.#fields.filter(predicate);
    if (kept.length < this.#fields.length) this.#changed = true;
    this.#fields = kept;
  }

  #named(name: string): string {
    return this.#lowerCase ? name.toLowerCase() : name;
  }
}

/** A field's value is bytes, one a character; text beyond ASCII goes as UTF-8. */
function bytesOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}
