// What an edit makes of a held message: what its editor showed, under the codings that its headers name.
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { HeldEdit } from "../../../src/control/intercept-methods.js";
import { edited } from "../../../src/operations/intercept/held-message.js";
import { heldRequest, heldResponse } from "./support.js";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const GZIP: [string, string] = ["Content-Encoding", "gzip"];

describe("the body", () => {
  test("stays byte for byte where only other things are edited", async () => {
    const held = heldResponse({ headers: [GZIP], body: gzipSync("text") });
    expect(await edited(held, { headers: [["X-Gzip", "1"], GZIP] })).toEqual({
      kind: "continue",
      headers: [["X-Gzip", "1"], GZIP],
    });
  });

  test("loses its coding with the field that names it", async () => {
    const held = heldResponse({ headers: [GZIP], body: gzipSync("text") });
    const outcome = await edited(held, { headers: [] });
    expect(outcome).toEqual({ kind: "continue", headers: [], body: Buffer.from("text") });
  });

  test("gets the coding of a field that is new", async () => {
    const outcome = await edited(heldRequest({ body: Buffer.from("text") }), { headers: [GZIP] });
    if (outcome.kind !== "continue" || outcome.body === undefined) throw new Error("it has a body");
    expect(gunzipSync(outcome.body).toString()).toBe("text");
  });

  test.each([
    ["is empty", heldResponse({ method: "HEAD", body: Buffer.alloc(0) })],
    ["is not at hand", heldResponse()],
    [
      "can't be decoded",
      heldResponse({ headers: [["Content-Encoding", "br"]], body: Buffer.from("no brotli") }),
    ],
  ])("stays as it is where it %s", async (_, held) => {
    expect(await edited(held, { headers: [GZIP] })).toEqual({ kind: "continue", headers: [GZIP] });
  });

  test("can't get a coding that can't be written", async () => {
    const held = heldResponse({ body: Buffer.from("text") });
    await expect(edited(held, { headers: [["Content-Encoding", "compress"]] })).rejects.toMatchObject({
      code: "BAD_OPTION",
    });
  });
});

describe("refused before it goes on", () => {
  test.each<[string, Parameters<typeof edited>[0], HeldEdit]>([
    ["'CONNECT' is no method of a held request", heldRequest(), { method: "CONNECT" }],
    ["'G T' is no method", heldRequest(), { method: "G T" }],
    ["'ftp://a/' is no http:// or https:// URL", heldRequest(), { url: "ftp://a/" }],
    [
      "'http://a:b@c/' has a name or a password in it, which no request carries",
      heldRequest(),
      { url: "http://a:b@c/" },
    ],
    ["a response to HEAD has no body", heldResponse({ method: "HEAD" }), { body: base64("x") }],
    ["a 204 has no body", heldResponse({ status: 204 }), { body: base64("x") }],
    ["a 304 has no body", heldResponse(), { status: 304, body: base64("x") }],
  ])("%s", async (message, held, edit) => {
    await expect(edited(held, edit)).rejects.toMatchObject({ code: "BAD_OPTION", message });
  });

  test("not a body that is taken away, nor one that a new status takes away", async () => {
    expect(await edited(heldResponse({ status: 204 }), { body: "" })).toMatchObject({ kind: "continue" });
    expect(await edited(heldResponse({ body: Buffer.from("x") }), { status: 204 })).toMatchObject({
      status: 204,
    });
    expect(await edited(heldRequest({ method: "HEAD" }), { body: base64("x") })).toMatchObject({
      kind: "continue",
    });
  });
});
