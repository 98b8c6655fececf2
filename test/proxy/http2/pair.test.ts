// Two connections joined in memory: whatever the pieces, the windows and the order, every message arrives whole.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { Http2Connection } from "../../../src/proxy/http2/connection.js";
import type { Http2Handler } from "../../../src/proxy/http2/handler.js";
import type { Http2Options } from "../../../src/proxy/http2/options.js";

interface Message {
  headers: RawHeaders;
  body: Buffer[];
  trailers: RawHeaders | undefined;
  ended: boolean;
}

/** One end: takes messages, consumes data in random steps, sends a queue of pieces as it may. */
class End implements Http2Handler {
  readonly messages = new Map<number, Message>();
  readonly resets = new Map<number, number>();
  readonly closed: number[] = [];
  readonly held: { stream: number; octets: number }[] = [];
  readonly outbox: Buffer[] = [];
  readonly writable = new Set<number>();
  error: string | undefined;
  wants = false;
  full = false;
  connection!: Http2Connection;
  onRequest: (stream: number) => void = () => {};

  onHeaders(stream: number, headers: RawHeaders, endStream: boolean): void {
    this.messages.set(stream, { headers, body: [], trailers: undefined, ended: endStream });
    this.onRequest(stream);
  }

  onTrailers(stream: number, trailers: RawHeaders): void {
    const message = this.messages.get(stream)!;
    message.trailers = trailers;
    message.ended = true;
  }

  onData(stream: number, data: Buffer, endStream: boolean): void {
    const message = this.messages.get(stream)!;
    if (message.ended) throw new Error(`data after the end of ${stream}`);
    message.body.push(Buffer.from(data));
    message.ended = endStream;
    if (data.length > 0) this.held.push({ stream, octets: data.length });
  }

  onReset(stream: number, code: number): void {
    this.resets.set(stream, code);
  }

  onWritable(stream: number): void {
    this.writable.add(stream);
  }

  onClose(stream: number): void {
    this.closed.push(stream);
  }

  onGoaway(): void {}
  onSettings(): void {}
  onPong(): void {}

  onConnectionError(error: Error): void {
    this.error = error.message;
  }
}

function join(options: { client: Partial<Http2Options>; server: Partial<Http2Options> }): {
  client: End;
  server: End;
} {
  const make = (role: "client" | "server"): End => {
    const end = new End();
    const output = {
      write: (bytes: Buffer): boolean => {
        end.outbox.push(bytes);
        return !end.full;
      },
      wantsFlush: (): void => {
        end.wants = true;
      },
    };
    end.connection = new Http2Connection(role, end, output, options[role]);
    return end;
  };
  return { client: make("client"), server: make("server") };
}

interface Sending {
  readonly end: End;
  readonly stream: number;
  readonly pieces: Buffer[];
  readonly trailers: RawHeaders | undefined;
  waits: boolean;
}

/** Sends the next piece of a message, unless it has to wait. @returns whether it did anything */
function sendNext(sending: Sending): boolean {
  const { end, stream, pieces, trailers } = sending;
  if (sending.waits && !end.writable.delete(stream)) return false;
  sending.waits = false;
  const piece = pieces.shift();
  if (piece !== undefined) {
    const last = pieces.length === 0 && trailers === undefined;
    sending.waits = !end.connection.sendData(stream, piece, last) && !last;
    return true;
  }
  if (trailers !== undefined) end.connection.sendTrailers(stream, trailers);
  return false;
}

const MAX_TURNS = 200_000;

const message = fc.record({
  pieces: fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 6 }),
  trailers: fc.boolean(),
});

function fill(sizes: readonly number[], seed: number): Buffer[] {
  return sizes.map((size, index) => Buffer.alloc(size, `${seed}.${index}.`));
}

/** Numbers that look random and repeat for a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

describe("two connections", () => {
  it("exchange every message whole", () => {
    const windows = fc.record({
      streamWindow: fc.integer({ min: 500, max: 100_000 }),
      connectionWindow: fc.integer({ min: 65_535, max: 200_000 }),
      maxFrameSize: fc.constantFrom(16_384, 20_000),
      headerTableSize: fc.constantFrom(0, 100, 4096, 8192),
    });
    fc.assert(
      fc.property(
        windows,
        windows,
        fc.array(fc.tuple(message, message), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (clientOptions, serverOptions, exchanges, seed) => {
          const random = generator(seed);
          const pick = (below: number): number => random() % below;
          const { client, server } = join({ client: clientOptions, server: serverOptions });
          const sendings: Sending[] = [];
          const trailersOf = (has: boolean, number: number): RawHeaders | undefined =>
            has ? [["t", `${number}`]] : undefined;
          server.onRequest = (stream) => {
            const [, response] = exchanges[(stream - 1) / 2]!;
            const empty = response.pieces.length === 0 && !response.trailers;
            server.connection.sendHeaders(
              stream,
              [
                [":status", "200"],
                ["n", `${stream}`],
              ],
              empty,
            );
            const pieces = fill(response.pieces, stream + 1);
            sendings.push({
              end: server,
              stream,
              pieces,
              trailers: trailersOf(response.trailers, stream),
              waits: false,
            });
          };
          for (const [index, [request]] of exchanges.entries()) {
            const stream = index * 2 + 1;
            const empty = request.pieces.length === 0 && !request.trailers;
            const headers: RawHeaders = [
              [":method", "POST"],
              [":scheme", "https"],
              [":authority", "a"],
              [":path", `/${stream}`],
            ];
            expect(client.connection.openStream(headers, empty)).toBe(stream);
            const pieces = fill(request.pieces, stream);
            sendings.push({
              end: client,
              stream,
              pieces,
              trailers: trailersOf(request.trailers, stream),
              waits: false,
            });
          }
          const deliver = (from: End, to: End): boolean => {
            if (from.full) {
              if (pick(2) === 0) return true;
              from.full = false;
              from.connection.drained();
            }
            from.full = pick(8) === 0;
            if (from.wants) {
              from.wants = false;
              from.connection.flush();
            }
            const bytes = from.outbox[0];
            if (bytes === undefined) return from.wants;
            const length = pick(3) === 0 ? 1 + pick(Math.min(bytes.length, 50)) : bytes.length;
            if (length >= bytes.length) from.outbox.shift();
            else from.outbox[0] = bytes.subarray(length);
            to.connection.receive(bytes.subarray(0, length));
            return true;
          };
          const consume = (end: End): boolean => {
            const first = end.held[pick(Math.max(1, end.held.length))];
            if (first === undefined) return false;
            const octets = 1 + pick(first.octets);
            first.octets -= octets;
            if (first.octets === 0) end.held.splice(end.held.indexOf(first), 1);
            end.connection.consumed(first.stream, octets);
            return true;
          };
          for (let idle = 0, turns = 0; idle < 60; turns += 1) {
            // No `expect` for what happens a hundred thousand times: each costs more than the turn itself.
            if (turns > MAX_TURNS) throw new Error("they go round and round");
            const busy = [
              deliver(client, server),
              deliver(server, client),
              consume(client),
              consume(server),
              ...[...sendings].map((sending) => pick(2) === 0 && sendNext(sending)),
            ];
            idle = busy.includes(true) ? 0 : idle + 1;
          }
          expect([client.error, server.error]).toEqual([undefined, undefined]);
          for (const [index, [request, response]] of exchanges.entries()) {
            const stream = index * 2 + 1;
            for (const [end, sent, seed] of [
              [server, request, stream],
              [client, response, stream + 1],
            ] as const) {
              const received = end.messages.get(stream)!;
              expect(received.ended, `end of ${stream}`).toBe(true);
              expect(Buffer.concat(received.body).equals(Buffer.concat(fill(sent.pieces, seed)))).toBe(true);
              expect(received.trailers).toEqual(trailersOf(sent.trailers, stream));
            }
          }
          expect([client.connection.openStreams, server.connection.openStreams]).toEqual([0, 0]);
          expect(client.closed.toSorted()).toEqual(server.closed.toSorted());
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
