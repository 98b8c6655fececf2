import { describe, expect, test } from "vitest";
import { parseExtensions } from "../../../src/proxy/websocket/extensions.js";

const FULL = { windowBits: 15, contextTakeover: true };

describe("permessage-deflate as agreed on", () => {
  test.each([
    ["permessage-deflate", FULL, FULL],
    [" , permessage-deflate ; , ", null, null],
    ["Permessage-Deflate", FULL, FULL],
    ["permessage-deflate; server_no_context_takeover", FULL, { windowBits: 15, contextTakeover: false }],
    ["permessage-deflate;client_no_context_takeover", { windowBits: 15, contextTakeover: false }, FULL],
    ["permessage-deflate; client_max_window_bits=8", { windowBits: 8, contextTakeover: true }, FULL],
    ['permessage-deflate; server_max_window_bits="10"', FULL, { windowBits: 10, contextTakeover: true }],
    ["permessage-deflate; client_max_window_bits", FULL, FULL],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits = 9 ; client_max_window_bits="1\\1"',
      { windowBits: 11, contextTakeover: false },
      { windowBits: 9, contextTakeover: false },
    ],
  ])("%s", (header, client, server) => {
    const expected = client === null ? { kind: "unknown" } : { kind: "deflate", client, server };
    expect(parseExtensions(header)).toEqual(expected);
  });
});

test.each([[undefined], [""], ["  "], [", ,"]])("none: %j", (header) => {
  expect(parseExtensions(header)).toEqual({ kind: "none" });
});

test.each([
  ["x-webkit-deflate-frame"],
  ["permessage-deflate, permessage-deflate"],
  ["permessage-deflate, x-mux"],
  ['x-foo; a=",permessage-deflate"'],
  ["permessage-deflate; server_max_window_bits"],
  ["permessage-deflate; server_max_window_bits=7"],
  ["permessage-deflate; server_max_window_bits=16"],
  ["permessage-deflate; server_max_window_bits=010"],
  ["permessage-deflate; server_no_context_takeover=1"],
  ["permessage-deflate; server_no_context_takeover; server_no_context_takeover"],
  ["permessage-deflate; mystery"],
  ['permessage-deflate; server_max_window_bits="10'],
  ['permessage-deflate; server_max_window_bits="10\\'],
])("unknown: %s", (header) => {
  expect(parseExtensions(header)).toEqual({ kind: "unknown" });
});
