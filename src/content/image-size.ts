// Format and dimensions of images, read from their heads only.
import { avifSize } from "./image-boxes.js";
import { jpegSize } from "./image-jpeg.js";
import { svgSize } from "./image-svg.js";

export interface ImageInfo {
  readonly format: "png" | "jpeg" | "gif" | "webp" | "avif" | "heic" | "svg" | "ico" | "bmp" | "tiff" | "jxl";
  /** Pixels; absent where the head does not tell, or was cut off. */
  readonly width?: number;
  readonly height?: number;
  readonly animated?: true;
}

export type ImageSize = Omit<ImageInfo, "format">;

type Reader = readonly [
  format: ImageInfo["format"],
  matches: (bytes: Buffer) => boolean,
  size: (bytes: Buffer) => ImageSize,
];

const starts =
  (...codes: readonly string[]) =>
  (bytes: Buffer): boolean =>
    codes.some((code) => bytes.subarray(0, code.length / 2).toString("hex") === code);

const READERS: readonly Reader[] = [
  ["png", starts("89504e470d0a1a0a"), pngSize],
  ["jpeg", starts("ffd8ff"), jpegSize],
  [
    "gif",
    starts("474946383761", "474946383961"),
    (b) => ({ width: b.readUInt16LE(6), height: b.readUInt16LE(8) }),
  ],
  ["webp", (b) => b.toString("latin1", 0, 4) === "RIFF" && b.toString("latin1", 8, 12) === "WEBP", webpSize],
  ["avif", (b) => /^ftypavi[fs]/.test(b.toString("latin1", 4, 12)), avifSize],
  ["heic", (b) => /^ftyp(?:hei[cx]|mif1|msf1)/.test(b.toString("latin1", 4, 12)), avifSize],
  ["bmp", (b) => b.toString("latin1", 0, 2) === "BM" && b.length >= 26 && b.readUInt32LE(6) === 0, bmpSize],
  ["ico", (b) => starts("00000100")(b) && b.length >= 22 && b.readUInt16LE(4) > 0 && b[9] === 0, icoSize],
  ["tiff", starts("49492a00", "4d4d002a"), () => ({})],
  ["jxl", starts("ff0a", "0000000c4a584c20"), () => ({})],
  [
    "svg",
    (b) => /^\ufeff?\s*(?:<\?xml|<!--|<!doctype svg|<svg[\s>])/i.test(head(b)) && /<svg[\s>]/i.test(head(b)),
    svgSize,
  ],
];

/** @returns null where the bytes are no image that is known here. Never throws. */
export function imageInfo(bytes: Buffer): ImageInfo | null {
  const reader = READERS.find(([, matches]) => matches(bytes));
  if (reader === undefined) return null;
  const [format, , size] = reader;
  try {
    return { format, ...size(bytes) };
  } catch (error) {
    // Cut off within its head.
    if (error instanceof RangeError) return { format };
    throw error;
  }
}

function head(bytes: Buffer): string {
  return bytes.toString("utf8", 0, 4096);
}

function pngSize(bytes: Buffer): ImageSize {
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  // The animation chunk stands before the first image data (PNG, third edition, section 5.6).
  for (let at = 8; at + 8 <= bytes.length && at < 1_000_000; at += 12 + bytes.readUInt32BE(at)) {
    const chunk = bytes.toString("latin1", at + 4, at + 8);
    if (chunk === "acTL") return { ...size, animated: true };
    if (chunk === "IDAT") break;
  }
  return size;
}

function webpSize(bytes: Buffer): ImageSize {
  const chunk = bytes.toString("latin1", 12, 16);
  if (chunk === "VP8 ")
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (chunk === "VP8L") {
    const packed = bytes.readUInt32LE(21);
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== "VP8X") return {};
  const size = { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  return (bytes.readUInt8(20) & 2) === 0 ? size : { ...size, animated: true };
}

function bmpSize(bytes: Buffer): ImageSize {
  if (bytes.readUInt32LE(14) === 12) return { width: bytes.readUInt16LE(18), height: bytes.readUInt16LE(20) };
  return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
}

/** Of the largest of its images; 0 stands for 256. */
function icoSize(bytes: Buffer): ImageSize {
  let width = 0;
  let height = 0;
  for (let entry = 0; entry < Math.min(bytes.readUInt16LE(4), 100); entry++) {
    width = Math.max(width, bytes.readUInt8(6 + entry * 16) || 256);
    height = Math.max(height, bytes.readUInt8(7 + entry * 16) || 256);
  }
  return { width, height };
}
