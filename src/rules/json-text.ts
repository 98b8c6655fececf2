// Values for JSON texts, some of which are kept as they were written: a double would make another number of 1.0, 1e400 or
// 12345678901234567890.

/** A number, a list or an object as written. */
class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whether it is a number as JSON writes them. */
export function isJsonNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** The value of a JSON text: a text, true, false, null, a number that is the same again when it is written; else as written. */
export function jsonValue(text: string): unknown {
  if (/^["tfn]/.test(text)) return JSON.parse(text);
  const number = Number(text);
  return isJsonNumber(text) && String(number) === text ? number : new JsonText(text);
}

/** What is nothing is null. */
export function writeJson(value: unknown): string {
  return value instanceof JsonText ? value.text : (JSON.stringify(value) ?? "null");
}

/** A value as part of a text: a text as it is, nothing for what is not there. */
export function plainText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? writeJson(value) : String(value);
}
