import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SendQueue } from "../../../src/proxy/http2/send-queue.js";

describe("send queue", () => {
  it("gives back what was put in, whatever the pieces", () => {
    const step = fc.oneof(
      fc.record({ push: fc.oneof(fc.nat(20), fc.integer({ min: 1000, max: 1050 }), fc.nat(5000)) }),
      fc.record({ take: fc.nat(3000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new SendQueue();
        let put = "";
        let got = "";
        const take = (octets: number): void => {
          const { head } = queue;
          expect(head === undefined).toBe(queue.empty);
          if (head === undefined) return;
          const length = Math.min(octets, head.length);
          got += head.toString("latin1", 0, length);
          if (queue.last) expect(put.length - got.length).toBe(head.length - length);
          queue.advance(length);
        };
        for (const [index, next] of steps.entries()) {
          if ("push" in next) {
            const piece = `${index}.`.repeat(next.push).slice(0, next.push);
            put += piece;
            queue.push(Buffer.from(piece));
          } else take(next.take);
        }
        while (!queue.empty) take(100_000);
        expect(got).toBe(put);
      }),
    );
  });

  it("holds single octets in few pieces, and large ones by reference", () => {
    const queue = new SendQueue();
    const octet = Buffer.from("x");
    for (let count = 0; count < 100_000; count += 1) queue.push(octet);
    const large = Buffer.alloc(5000);
    queue.push(large);
    let pieces = 0;
    while (!queue.last) {
      pieces += 1;
      queue.advance(queue.head!.length);
    }
    expect(pieces).toBeLessThan(12);
    expect(queue.head).toBe(large);
  });

  it("does not add to what the transport may hold", () => {
    const queue = new SendQueue();
    queue.push(Buffer.from("ab"));
    const sent = queue.head!;
    queue.push(Buffer.from("cd"));
    expect(sent.toString()).toBe("ab");
    queue.advance(2);
    expect(queue.head!.toString()).toBe("cd");
  });
});
