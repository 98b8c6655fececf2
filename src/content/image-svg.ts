// Dimensions of an SVG: its width and height in pixels, else those of its view box.
import type { ImageSize } from "./image-size.js";

export function svgSize(bytes: Buffer): ImageSize {
  const tag = /<svg[\s>][^>]*/i.exec(bytes.toString("utf8", 0, 16_384))?.[0] ?? "";
  const width = pixels(attribute(tag, "width"));
  const height = pixels(attribute(tag, "height"));
  if (width !== undefined && height !== undefined) return { width, height };
  const [, , boxWidth, boxHeight] = (attribute(tag, "viewBox") ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  if (boxWidth === undefined || boxHeight === undefined || !(boxWidth > 0) || !(boxHeight > 0)) return {};
  return { width: boxWidth, height: boxHeight };
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "i").exec(tag);
  return match?.[1] ?? match?.[2];
}

function pixels(length: string | undefined): number | undefined {
  const digits = /^\s*(\d+(?:\.\d+)?)(?:px)?\s*$/.exec(length ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}
