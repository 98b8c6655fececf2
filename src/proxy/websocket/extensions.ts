// What Sec-WebSocket-Extensions of the 101 response agreed on (RFC 6455 section 9.1, RFC 7692 section 7.1).

/** How one side compresses its messages. */
export interface DeflateParameters {
  /** Base-two logarithm of the LZ77 window that this side uses, 8 to 15. */
  readonly windowBits: number;
  /** Whether a message may refer to the messages before it. */
  readonly contextTakeover: boolean;
}

/** `unknown`: something else than permessage-deflate is in use, so that what the RSV bits mean is not known. */
export type AgreedExtensions =
  | { readonly kind: "none" }
  | { readonly kind: "deflate"; readonly client: DeflateParameters; readonly server: DeflateParameters }
  | { readonly kind: "unknown" };

interface Extension {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string | null])[];
}

const UNKNOWN: AgreedExtensions = { kind: "unknown" };

/** @param header the values of Sec-WebSocket-Extensions in the response, joined by ", ". Never throws. */
export function parseExtensions(header: string | undefined): AgreedExtensions {
  const extensions = splitUnquoted(header ?? "", ",")
    .filter((text) => text !== "")
    .map(parseExtension);
  const [first, second] = extensions;
  if (first === undefined) return { kind: "none" };
  if (second !== undefined || first.name !== "permessage-deflate") return UNKNOWN;
  return parseDeflate(first.parameters);
}

function parseDeflate(parameters: Extension["parameters"]): AgreedExtensions {
  const client = { windowBits: 15, contextTakeover: true };
  const server = { windowBits: 15, contextTakeover: true };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    const match = /^(client|server)_(no_context_takeover|max_window_bits)$/.exec(name);
    if (match === null || seen.has(name)) return UNKNOWN;
    seen.add(name);
    const side = match[1] === "client" ? client : server;
    if (match[2] === "no_context_takeover") {
      if (value !== null) return UNKNOWN;
      side.contextTakeover = false;
      continue;
    }
    // Some servers echo the offer's bare client_max_window_bits; a client that goes on then uses any window.
    if (value === null && side === client) continue;
    if (value === null || !/^([89]|1[0-5])$/.test(value)) return UNKNOWN;
    side.windowBits = Number(value);
  }
  return { kind: "deflate", client, server };
}

function parseExtension(text: string): Extension {
  const [name = "", ...parameters] = splitUnquoted(text, ";");
  return { name: name.toLowerCase(), parameters: parameters.map(parseParameter) };
}

function parseParameter(text: string): readonly [string, string | null] {
  const equals = text.indexOf("=");
  if (equals === -1) return [text.toLowerCase(), null];
  return [text.slice(0, equals).trim().toLowerCase(), unquote(text.slice(equals + 1).trim())];
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** Splits at a separator outside of quoted strings, and trims the pieces. */
function splitUnquoted(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === "\\") i++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      pieces.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  pieces.push(text.slice(start).trim());
  return pieces;
}
