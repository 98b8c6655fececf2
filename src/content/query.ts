// The parameters of a URL's query, and of a form body in the same notation.

export interface Parameter {
  /** Decoded (`+` and percent-encoding); a malformed sequence stays as it is. */
  readonly name: string;
  /** Decoded; "" where there is no `=`. */
  readonly value: string;
  /** As sent. */
  readonly rawName: string;
  /** As sent; null where there is no `=`. */
  readonly rawValue: string | null;
  /** Where `rawName` begins and `rawValue` ends in the text that was parsed. */
  readonly start: number;
  readonly end: number;
}

/** @param url absolute or not. @returns its parameters in order; positions are those in the URL. */
export function parseQuery(url: string): Parameter[] {
  const fragment = url.indexOf("#");
  const end = fragment === -1 ? url.length : fragment;
  const question = url.indexOf("?");
  return question === -1 || question >= end ? [] : parametersIn(url, question + 1, end);
}

/** @param text of an `application/x-www-form-urlencoded` body. */
export function parseForm(text: string): Parameter[] {
  return parametersIn(text, 0, text.length);
}

function parametersIn(text: string, from: number, to: number): Parameter[] {
  const parameters: Parameter[] = [];
  for (let start = from; start < to; ) {
    const ampersand = text.indexOf("&", start);
    const end = ampersand === -1 || ampersand > to ? to : ampersand;
    if (end > start) parameters.push(parameterOf(text.slice(start, end), start, end));
    start = end + 1;
  }
  return parameters;
}

function parameterOf(raw: string, start: number, end: number): Parameter {
  const equals = raw.indexOf("=");
  const rawName = equals === -1 ? raw : raw.slice(0, equals);
  const rawValue = equals === -1 ? null : raw.slice(equals + 1);
  return {
    name: decodeComponent(rawName),
    value: decodeComponent(rawValue ?? ""),
    rawName,
    rawValue,
    start,
    end,
  };
}

function decodeComponent(raw: string): string {
  const spaced = raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // One bad sequence must not hide the good ones.
    return spaced.replace(UTF8_CHARACTER, (character) => {
      try {
        return decodeURIComponent(character);
      } catch {
        return character;
      }
    });
  }
}

/** One percent-encoded character, as far as its first byte tells its length. */
const UTF8_CHARACTER =
  /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi;
