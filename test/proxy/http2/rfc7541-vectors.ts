// The examples of RFC 7541 appendix C. Each sequence shares one decoder.
import type { RawHeaders } from "../../../src/exchange/headers.js";

export interface VectorSequence {
  readonly section: string;
  readonly tableSize?: number;
  readonly blocks: readonly { readonly hex: string; readonly headers: RawHeaders }[];
}

const REQUESTS: readonly RawHeaders[] = [
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];

const RESPONSES: readonly RawHeaders[] = [
  [
    [":status", "302"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "307"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    ["location", "https://www.example.com"],
    ["content-encoding", "gzip"],
    ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
  ],
];

function sequence(section: string, lists: readonly RawHeaders[], hexes: readonly string[]): VectorSequence {
  return { section, blocks: hexes.map((hex, index) => ({ hex, headers: lists[index]! })) };
}

export const RFC_SEQUENCES: readonly VectorSequence[] = [
  sequence(
    "C.2.1",
    [[["custom-key", "custom-header"]]],
    ["400a637573746f6d2d6b65790d637573746f6d2d686561646572"],
  ),
  sequence("C.2.2", [[[":path", "/sample/path"]]], ["040c2f73616d706c652f70617468"]),
  sequence("C.2.3", [[["password", "secret"]]], ["100870617373776f726406736563726574"]),
  sequence("C.2.4", [[[":method", "GET"]]], ["82"]),
  sequence("C.3", REQUESTS, [
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
  ]),
  sequence("C.4", REQUESTS, [
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
  ]),
  {
    ...sequence("C.5", RESPONSES, [
      `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
       6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
      "4803333037c1c0bf",
      `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f
       3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076
       657273696f6e3d31`,
    ]),
    tableSize: 256,
  },
  {
    ...sequence("C.6", RESPONSES, [
      `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b
       97c8e9ae82ae43d3`,
      "4883640effc1c0bf",
      `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdf
       cd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
    ]),
    tableSize: 256,
  },
];
