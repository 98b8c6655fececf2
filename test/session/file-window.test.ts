import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FileWindow } from "../../src/session/file-window.js";
import { tempFolder } from "./support.js";

const MIB = 1024 * 1024;
const SIZE = 5 * MIB + 12_345;

it("gives what the file holds, however its places come", async () => {
  const bytes = Buffer.alloc(SIZE);
  for (let at = 0; at + 4 <= SIZE; at += 4) bytes.writeUInt32LE(at, at);
  const path = join(tempFolder(), "file");
  writeFileSync(path, bytes);
  const step = fc.record({
    // Mostly on from where the last part ended, as a search goes; at times back, or far away.
    gap: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(0, 1, 10, 5000) },
      fc.integer({ min: -2 * MIB, max: 2 * MIB }),
    ),
    length: fc.oneof(
      { weight: 4, arbitrary: fc.nat(50_000) },
      fc.constantFrom(0, 1, 262_144, 262_145, 2 * MIB),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.nat(SIZE), async (steps, start) => {
      await using file = await open(path);
      const window = new FileWindow(file);
      let offset = start;
      for (const { gap, length } of steps) {
        offset = Math.min(Math.max(0, offset + gap), SIZE + 100);
        const got = window.get(offset, length) ?? (await window.load(offset, length));
        expect(got.equals(bytes.subarray(offset, offset + length))).toBe(true);
        offset += length;
      }
      await window.settle();
    }),
    { numRuns: 60 },
  );
});
