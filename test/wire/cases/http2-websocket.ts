// WebSocket over HTTP/2: an extended CONNECT, which origin and client have to be offered first (RFC 8441).
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { clientFrame, closePayload, type FrameParts, frame } from "../../proxy/websocket/frames.js";
import { data, ended, type Http2Case, type Http2Step, headers, pseudo, seen, status } from "../http2-case.js";

const CONNECT: RawHeaders = [
  ...pseudo("CONNECT", "/chat?x=1"),
  [":protocol", "websocket"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-protocol", "chat, other"],
];
const offered: Http2Step = { do: "offered" };
const fromClient = (parts: FrameParts): string => clientFrame(parts).toString("latin1");
const fromServer = (parts: FrameParts): string => frame(parts).toString("latin1");

const HELLO = { payload: "hello" };
const GOODBYE = { opcode: 8, payload: closePayload(1000, "done") };
const CLOSE_TEXT = closePayload(1000, "done").toString("latin1");

export const HTTP2_WEBSOCKET_CASES: readonly Http2Case[] = [
  {
    id: "h2-websocket",
    shows: "a WebSocket is offered as its origin offers it; frames both ways, the end of each side",
    modes: ["h2"],
    offersExtendedConnect: true,
    client: [
      offered,
      headers(1, CONNECT),
      seen(1, ":status: 200"),
      data(1, fromClient(HELLO)),
      seen(1, fromServer(HELLO)),
      data(1, fromClient(GOODBYE), true),
      ended(1),
    ],
    origin: [
      [
        seen(1, ":protocol: websocket"),
        headers(1, [status(200), ["sec-websocket-protocol", "chat"]]),
        seen(1, fromClient(HELLO)),
        data(1, fromServer(HELLO)),
        ended(1),
        data(1, fromServer(GOODBYE), true),
      ],
    ],
    expect: { kind: "same" },
    recorded: [
      {
        kind: "websocket",
        method: "CONNECT",
        target: "/chat?x=1",
        status: 200,
        messages: ["send 1 hello", "receive 1 hello", `send 8 ${CLOSE_TEXT}`, `receive 8 ${CLOSE_TEXT}`],
        close: "client 1000 done",
        error: null,
      },
    ],
  },
  {
    id: "h2-websocket-refused",
    shows: "an extended CONNECT that the origin refuses: its answer, with fields and body",
    modes: ["h2"],
    offersExtendedConnect: true,
    client: [offered, headers(1, CONNECT), ended(1), data(1, "", true)],
    origin: [
      [
        seen(1, ":protocol: websocket"),
        headers(1, [status(403), ["x-why", "because"]]),
        data(1, "no!", true),
        ended(1),
      ],
    ],
    expect: { kind: "same" },
    recorded: [{ kind: "http", method: "CONNECT", status: 403, got: "no!", error: null }],
  },
];
