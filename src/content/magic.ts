// Recognises binary formats by their first bytes.

type Signature = readonly [format: string, offset: number, bytes: string];

const SIGNATURES: readonly Signature[] = [
  ["ZIP archive", 0, "504b0304"],
  ["ZIP archive", 0, "504b0506"],
  ["gzip", 0, "1f8b08"],
  ["zstd", 0, "28b52ffd"],
  ["bzip2", 0, "425a68"],
  ["xz", 0, "fd377a585a00"],
  ["lz4", 0, "04224d18"],
  ["7-Zip archive", 0, "377abcaf271c"],
  ["RAR archive", 0, "526172211a07"],
  ["tar archive", 257, "7573746172"],
  ["PDF", 0, "255044462d"],
  ["WebAssembly", 0, "0061736d"],
  ["WOFF font", 0, "774f4646"],
  ["WOFF2 font", 0, "774f4632"],
  ["OpenType font", 0, "4f54544f"],
  ["TrueType font", 0, "0001000000"],
  ["TrueType collection", 0, "74746366"],
  ["MP4", 4, "66747970"],
  ["MP4 segment", 4, "73747970"],
  ["MP4 segment", 4, "6d6f6f66"],
  ["Matroska or WebM", 0, "1a45dfa3"],
  ["Ogg", 0, "4f676753"],
  ["FLAC", 0, "664c6143"],
  ["MP3", 0, "494433"],
  ["WAV", 8, "57415645"],
  ["AVI", 8, "41564920"],
  ["Flash video", 0, "464c5601"],
  ["SQLite database", 0, "53514c69746520666f726d6174203300"],
  ["Parquet", 0, "50415231"],
  ["ELF program", 0, "7f454c46"],
  ["Mach-O program", 0, "cffaedfe"],
  ["Java class", 0, "cafebabe"],
  ["Windows program", 0, "4d5a9000"],
  ["Java serialised object", 0, "aced0005"],
  ["Apple binary property list", 0, "62706c697374"],
  ["DER certificate or key", 0, "3082"],
];

/** @returns a name for people, or undefined where nothing is recognised. */
export function magicFormat(bytes: Buffer): string | undefined {
  return SIGNATURES.find(
    ([, offset, code]) => bytes.subarray(offset, offset + code.length / 2).toString("hex") === code,
  )?.[0];
}
