// Parties of either protocol as the runner of HTTP/2 cases sees them.
import type { Socket } from "node:net";
import type { RawHeaders } from "../../src/exchange/headers.js";
import type { Step } from "./case.js";
import type { Player } from "./case-origin.js";
import type { AnyStep, Http2Step } from "./http2-case.js";
import { Http2Party, type Http2Side } from "./http2-party.js";
import { Party } from "./party.js";

export interface AnyPlayer extends Player<AnyStep> {
  /** What came on each stream, or the bytes. */
  readonly received: readonly string[] | string;
  /** `GOAWAY code` for each that came, then how the connection ended, if it did. */
  readonly connection: readonly string[];
  /** Heads that came on the first stream. */
  readonly heads: readonly RawHeaders[];
  describe(): string;
}

export function http2Player(name: string, socket: Socket, transport: Socket, side: Http2Side): AnyPlayer {
  const party = new Http2Party(name, socket, transport, side);
  return {
    play: (script, words, expand) => party.play(script.map(asHttp2Step), words, expand),
    leave: () => party.leave(),
    describe: () => party.describe(),
    get received() {
      return party.streams;
    },
    get connection() {
      return [...party.connection, ...(party.ending === "open" ? [] : [party.ending])];
    },
    get heads() {
      return party.headsOf(1);
    },
  };
}

export function http1Player(name: string, socket: Socket, transport: Socket): AnyPlayer {
  const party = new Party(name, socket, transport);
  return {
    play: (script, words, expand) => party.play(script.map(asHttp1Step), words, expand),
    leave: () => party.leave(),
    describe: () => party.describe(),
    get received() {
      return party.received;
    },
    connection: [],
    heads: [],
  };
}

function asHttp2Step(step: AnyStep): Http2Step {
  switch (step.do) {
    case "send":
    case "drip":
    case "until":
    case "end":
    case "reset":
      throw new Error(`a party that speaks HTTP/2 can't ${step.do}`);
    default:
      return step;
  }
}

function asHttp1Step(step: AnyStep): Step {
  switch (step.do) {
    case "headers":
    case "data":
    case "rst":
    case "goaway":
    case "raw":
    case "seen":
    case "offered":
      throw new Error(`a party that speaks HTTP/1 can't do ${step.do}`);
    default:
      return step;
  }
}
