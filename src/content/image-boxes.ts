// Dimensions of AVIF and HEIC: the largest `ispe` property in their boxes (ISO 14496-12, ISO 23008-12).
import type { ImageSize } from "./image-size.js";

/** Boxes on the way to `ispe`, with the bytes between their header and their children. */
const CONTAINERS: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 };
const MOST_BOXES = 1000;

export function avifSize(bytes: Buffer): ImageSize {
  const found = { width: 0, height: 0 };
  let boxes = 0;
  const walk = (start: number, end: number): void => {
    for (let at = start; at + 8 <= end && boxes++ < MOST_BOXES; ) {
      const size = bytes.readUInt32BE(at);
      const type = bytes.toString("latin1", at + 4, at + 8);
      // 0: to the end; 1: a 64 bit size, which no box on the way has.
      const boxEnd = size < 8 ? end : Math.min(end, at + size);
      const childrenAfter = Object.hasOwn(CONTAINERS, type) ? CONTAINERS[type] : undefined;
      if (childrenAfter !== undefined) walk(at + 8 + childrenAfter, boxEnd);
      else if (type === "ispe" && boxEnd >= at + 20) {
        found.width = Math.max(found.width, bytes.readUInt32BE(at + 12));
        found.height = Math.max(found.height, bytes.readUInt32BE(at + 16));
      }
      at = boxEnd;
    }
  };
  walk(0, bytes.length);
  const animated = bytes.toString("latin1", 8, 12) === "avis";
  return { ...(found.width > 0 ? found : {}), ...(animated ? { animated: true } : {}) };
}
