// Middle-sized bodies share one file; each is found again by where it begins.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bodyBytes } from "../../src/session/body-reader.js";
import { httpExchange, newId, recordBody, startRecorder } from "./support.js";

describe("the pack", () => {
  it("holds bodies whole, one behind the other, however they were interleaved", async () => {
    const recorder = await startRecorder();
    const writers = Array.from({ length: 20 }, (_, index) => ({
      bytes: Buffer.alloc(33_000 + index * 7919, index + 1),
      id: newId(),
    })).map((each) => ({ ...each, writer: recorder.openBody({ id: each.id, part: "response" }) }));
    for (let start = 0; start < 200_000; start += 10_000) {
      for (const { writer, bytes } of writers) writer.write(bytes.subarray(start, start + 10_000));
    }
    const bodies = writers.map(({ writer, id }) => {
      const body = writer.end();
      recorder.finished(httpExchange({ id, body }));
      return body;
    });
    await recorder.close();
    let offset = 0;
    for (const [index, body] of bodies.entries()) {
      const { bytes } = writers[index]!;
      expect(body).toEqual({
        kind: "file",
        size: bytes.length,
        file: "bodies/packed",
        offset,
        stored: bytes.length,
      });
      expect((await bodyBytes(recorder.path, body)).equals(bytes)).toBe(true);
      offset += bytes.length;
    }
    expect((await readFile(join(recorder.path, "bodies", "packed"))).length).toBe(offset);
  });

  it("is not used beyond what memory should hold: the rest goes to files of their own", async () => {
    const recorder = await startRecorder();
    const writers = Array.from({ length: 60 }, () => {
      const id = newId();
      return { id, writer: recorder.openBody({ id, part: "response" }) };
    });
    for (const { writer } of writers) writer.write(Buffer.alloc(1_000_000, 1));
    const bodies = writers.map(({ id, writer }) => {
      const body = writer.end();
      recorder.finished(httpExchange({ id, body }));
      return body;
    });
    await recorder.close();
    const packed = bodies.filter((body) => body.kind === "file" && body.offset !== undefined);
    expect(packed.length).toBe(33);
    for (const body of bodies) expect((await bodyBytes(recorder.path, body)).length).toBe(1_000_000);
  });

  it("is not used where old exchanges have to be removable", async () => {
    const recorder = await startRecorder({ maxExchanges: 10 });
    const body = recordBody(recorder, newId(), [Buffer.alloc(100_000)]);
    expect(body).not.toHaveProperty("offset");
    await recorder.close();
  });
});
