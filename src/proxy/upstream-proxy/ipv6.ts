// IPv6 addresses between their text and their 16 bytes, as SOCKS5 has them.

/** @param address valid IPv6 text. @returns undefined for one with a zone (`%eth0`), which bytes can't say */
export function ipv6Bytes(address: string): Buffer | undefined {
  if (address.includes("%")) return undefined;
  const [head = "", tail] = address.split("::");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  const bytes = Buffer.alloc(16);
  [...front, ...zeros, ...back].forEach((group, index) => {
    bytes.writeUInt16BE(group, index * 2);
  });
  return bytes;
}

/** @param bytes 16 of them. @returns all eight groups; no shortening */
export function ipv6Text(bytes: Buffer): string {
  const parts: string[] = [];
  for (let index = 0; index < 16; index += 2) parts.push(bytes.readUInt16BE(index).toString(16));
  return parts.join(":");
}

/** The last two groups may be written as an IPv4 address. */
function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
