// A hex dump as `hexdump -C` writes it: offset, sixteen bytes in two halves, their ASCII.

const PER_LINE = 16;

/** @returns lines without a final line feed; at most `limit` bytes of them. */
export function hexDump(bytes: Buffer, options: { limit?: number } = {}): string {
  const end = Math.min(bytes.length, options.limit ?? bytes.length);
  const lines: string[] = [];
  for (let offset = 0; offset < end; offset += PER_LINE) {
    lines.push(dumpLine(bytes.subarray(offset, Math.min(offset + PER_LINE, end)), offset));
  }
  return lines.join("\n");
}

function dumpLine(line: Buffer, offset: number): string {
  const pairs = Array.from(line, (byte) => byte.toString(16).padStart(2, "0"));
  const halves = `${pairs.slice(0, 8).join(" ").padEnd(23)}  ${pairs.slice(8).join(" ").padEnd(23)}`;
  const ascii = line.toString("latin1").replace(/[^\x20-\x7e]/g, ".");
  return `${offset.toString(16).padStart(8, "0")}  ${halves}  |${ascii}|`;
}
