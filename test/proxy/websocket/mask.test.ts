import fc from "fast-check";
import { expect, test } from "vitest";
import { unmask } from "../../../src/proxy/websocket/mask.js";

test("unmasking is RFC 6455's XOR at any length, position and alignment, and leaves the source alone", () => {
  fc.assert(
    fc.property(
      // Without a size fast-check keeps arrays at about 10 elements.
      fc.uint8Array({ maxLength: 300, size: "max" }),
      fc.uint8Array({ minLength: 4, maxLength: 4, size: "max" }),
      fc.nat({ max: 2 ** 33 }),
      fc.nat({ max: 8 }),
      fc.nat({ max: 8 }),
      (bytes, key, position, sourceShift, targetShift) => {
        const room = Buffer.alloc(bytes.length + sourceShift);
        room.set(bytes, sourceShift);
        const source = room.subarray(sourceShift);
        const around = Buffer.alloc(targetShift + bytes.length + 9, 0xee);
        const target = around.subarray(targetShift, targetShift + bytes.length);

        unmask(source, key, position, target);

        expect([...target]).toEqual(Array.from(bytes, (byte, i) => byte ^ key[(position + i) % 4]!));
        expect(source.equals(bytes)).toBe(true);
        expect(around.subarray(targetShift + bytes.length).every((byte) => byte === 0xee)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
