// A held body is what came, in few parts however it came.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HeldBody } from "../../../src/proxy/intervene/held-body.js";

test("wire and data are what came", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })), (parts) => {
      const body = new HeldBody();
      for (const part of parts) {
        const data = part.map((each) => Buffer.from(each));
        body.push(Buffer.concat([Buffer.from("<"), ...data, Buffer.from(">")]), data);
      }
      const wire = Buffer.concat(parts.flatMap((part) => [Buffer.from("<"), ...part, Buffer.from(">")]));
      const data = Buffer.concat(parts.flat());
      expect(body.bytes).toBe(wire.length);
      expect(body.whole()).toEqual(data);
      const taken = body.take();
      expect(Buffer.concat(taken.map((each) => each.wire))).toEqual(wire);
      expect(Buffer.concat(taken.flatMap((each) => each.data))).toEqual(data);
      expect(body.bytes).toBe(0);
    }),
  );
});

test("a million single bytes are not a million objects", () => {
  const body = new HeldBody();
  const byte = Buffer.from("x");
  for (let count = 0; count < 1_000_000; count++) body.push(byte, [byte]);
  const parts = body.take();
  expect(parts.length).toBeLessThan(100);
  expect(parts.reduce((sum, { wire }) => sum + wire.length, 0)).toBe(1_000_000);
});
