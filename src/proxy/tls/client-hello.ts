// Reads what a TLS client asks for before any handshake begins: the server name decides the certificate and whether
// the connection is looked into at all, ALPN decides what is offered (RFC 8446 section 4.1.2, RFC 6066, RFC 7301).

export interface ClientHello {
  readonly sni: string | null;
  readonly alpn: readonly string[];
}

/** A hello larger than this is no hello; the largest seen, with post-quantum key shares, is about 2 KB. */
const MAX_HELLO_BYTES = 64 * 1024;

/** @returns the hello, `incomplete` when more bytes are needed, `invalid` when these are not a ClientHello. */
export function readClientHello(bytes: Buffer): ClientHello | "incomplete" | "invalid" {
  const handshake = joinRecords(bytes);
  if (typeof handshake === "string") return handshake;
  try {
    return parseHello(handshake);
  } catch (error) {
    if (error instanceof RangeError) return "invalid";
    throw error;
  }
}

/** Whether these first bytes open a TLS connection: a handshake record of any 3.x version. */
export function looksLikeTls(bytes: Buffer): boolean {
  return bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 0x03);
}

function joinRecords(bytes: Buffer): Buffer | "incomplete" | "invalid" {
  const parts: Buffer[] = [];
  let position = 0;
  let joined = 0;
  for (;;) {
    if (joined >= 4) {
      const message = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      if (message[0] !== 1) return "invalid";
      const length = message.readUIntBE(1, 3) + 4;
      if (length > MAX_HELLO_BYTES) return "invalid";
      if (joined >= length) return message.subarray(4, length);
    }
    if (bytes.length < position + 5) return bytes.length > MAX_HELLO_BYTES ? "invalid" : "incomplete";
    if (bytes[position] !== 0x16) return "invalid";
    const length = bytes.readUInt16BE(position + 3);
    if (length === 0) return "invalid";
    if (bytes.length < position + 5 + length) return "incomplete";
    parts.push(bytes.subarray(position + 5, position + 5 + length));
    joined += length;
    position += 5 + length;
  }
}

/** @throws RangeError where a length points outside. */
function parseHello(hello: Buffer): ClientHello {
  let position = 2 + 32; // version, random
  position += 1 + hello.readUInt8(position); // session id
  position += 2 + hello.readUInt16BE(position); // cipher suites
  position += 1 + hello.readUInt8(position); // compression methods
  let sni: string | null = null;
  let alpn: string[] = [];
  if (position === hello.length) return { sni, alpn };
  const end = position + 2 + hello.readUInt16BE(position);
  position += 2;
  while (position + 4 <= end) {
    const type = hello.readUInt16BE(position);
    const length = hello.readUInt16BE(position + 2);
    const body = hello.subarray(position + 4, position + 4 + length);
    if (body.length < length) throw new RangeError("an extension longer than the hello");
    if (type === 0) sni = parseServerName(body);
    if (type === 16) alpn = parseAlpn(body);
    position += 4 + length;
  }
  return { sni, alpn };
}

function parseServerName(body: Buffer): string | null {
  for (let position = 2; position + 3 <= body.length; ) {
    const length = body.readUInt16BE(position + 1);
    if (body[position] === 0)
      return body.toString("latin1", position + 3, position + 3 + length).toLowerCase();
    position += 3 + length;
  }
  return null;
}

function parseAlpn(body: Buffer): string[] {
  const protocols: string[] = [];
  for (let position = 2; position < body.length; ) {
    const length = body.readUInt8(position);
    protocols.push(body.toString("latin1", position + 1, position + 1 + length));
    position += 1 + length;
  }
  return protocols;
}
