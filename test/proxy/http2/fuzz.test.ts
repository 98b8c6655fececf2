// Whatever the bytes and their cuts: nothing is thrown, the same bytes mean the same events, and memory stays bounded.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { CLIENT_PREFACE } from "../../../src/proxy/http2/frames.js";
import { fuzzFor } from "../../support/fuzz.js";
import { block, EventLog, frame, GET, Rig, SETTINGS } from "./support.js";

const POST: RawHeaders = [[":method", "POST"], ...GET.slice(1)];

const anyFrame = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(fc.nat(11), fc.nat(255), fc.nat(8), fc.uint8Array({ maxLength: 40 })) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constant(1),
      fc.constantFrom(0, 1, 4, 5, 5, 4),
      fc.constantFrom(1, 3, 5, 7),
      fc.constantFrom(
        block(GET),
        block(POST),
        block([["t", "1"]]),
        block([[":status", "200"]]),
        block([[":status", "103"]]),
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constant(0),
      fc.constantFrom(0, 1, 8, 9),
      fc.constantFrom(1, 3, 5),
      fc.uint8Array({ maxLength: 60 }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(3, 8),
      fc.constant(0),
      fc.nat(5),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant(9),
      fc.constantFrom(0, 4),
      fc.constantFrom(1, 3),
      fc.uint8Array({ maxLength: 10 }),
    ),
  },
);

const script = fc
  .array(anyFrame, { maxLength: 25 })
  .map((frames) =>
    Buffer.concat(
      frames.map(([type, flags, stream, payload]) => frame(type, flags, stream, Buffer.from(payload))),
    ),
  );

/** A handler that does things, so that states meet. */
class Busy extends EventLog {
  rig: Rig<Busy> | undefined;

  override onHeaders(...event: Parameters<EventLog["onHeaders"]>): void {
    super.onHeaders(...event);
    const connection = this.rig!.connection;
    if (event[0] === 3) connection.sendHeaders(3, [[":status", "200"]], false);
    if (event[0] === 3) connection.sendData(3, Buffer.alloc(70_000), true);
    if (event[0] === 5) connection.reset(5, 8);
  }

  override onData(...event: Parameters<EventLog["onData"]>): void {
    super.onData(...event);
    this.rig!.connection.consumed(event[0], event[1].length);
  }
}

function run(
  role: "server" | "client",
  bytes: Buffer,
  cuts: readonly number[],
): { events: string[]; written: string } {
  const log = new Busy();
  // A clock that stands still: how long a run takes must not decide what a flood limit says.
  const rig = new Rig(role, log, { clock: () => 0 });
  log.rig = rig;
  if (role === "client")
    for (let count = 0; count < 4; count += 1) rig.connection.openStream(POST, count % 2 === 0);
  let from = 0;
  for (const cut of cuts) {
    const to = Math.min(bytes.length, from + cut);
    rig.connection.receive(bytes.subarray(from, to));
    from = to;
  }
  rig.connection.receive(bytes.subarray(from));
  return { events: log.events, written: JSON.stringify(rig.written()) };
}

describe.each(["server", "client"] as const)("a %s that is sent anything", (role) => {
  const begin = role === "server" ? Buffer.concat([CLIENT_PREFACE, SETTINGS]) : SETTINGS;

  it("tells the same events however the bytes are cut", () => {
    fc.assert(
      fc.property(script, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (bytes, cuts) => {
        const all = Buffer.concat([begin, bytes]);
        const whole = run(role, all, []);
        expect(run(role, all, cuts)).toEqual(whole);
      }),
      fuzzFor(1500),
    );
  });

  it("throws nothing for bytes that went wrong", () => {
    const mutation = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(script, fc.array(mutation, { maxLength: 8 }), (bytes, mutations) => {
        const all = Buffer.concat([begin, bytes]);
        for (const [at, value] of mutations) all[at % all.length] = value;
        run(role, all, [7, 1, 100]);
      }),
      fuzzFor(1500),
    );
  });

  it("throws nothing for random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        run(role, Buffer.concat([begin, bytes]), [10, 20]);
        run(role, Buffer.from(bytes), []);
      }),
      fuzzFor(500),
    );
  });
});
