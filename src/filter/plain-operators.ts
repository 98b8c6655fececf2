// The operators without a regular expression.
import { type Condition, type Source, valueCondition, verdictCondition } from "./condition.js";
import { Mistake } from "./mistake.js";
import type { Operator, OperatorGroup } from "./operator.js";
import { inRange, parseDurationRange, parseRange, parseSizeRange, type Range } from "./range.js";
import { parseStatus } from "./status.js";
import { hasResponse, isTunnel, isWebSocket, ofResponse, type Subject, type Verdict } from "./subject.js";
import { parseTimeRange } from "./time.js";

const ASSET =
  /text\/javascript|application\/x-javascript|application\/javascript|text\/css|image\/|font\/|application\/font/;
const GRPC = /^\s*application\/grpc(?:[-+;\s]|$)/i;
const SSE = /^\s*text\/event-stream\s*(?:;|$)/i;

export const plainOperators: readonly Operator[] = [
  flag("a", "response", "an asset: CSS, JavaScript, image or font", true, (subject) =>
    responseType(subject, ASSET),
  ),
  flag("sse", "response", "server-sent events", false, (subject) => responseType(subject, SSE)),
  flag("grpc", "either side", "gRPC", false, (subject) =>
    GRPC.test(subject.facts.requestType) ? true : responseType(subject, GRPC),
  ),
  flag(
    "stream",
    "response",
    "came piece by piece: server-sent events, other streams, chunks",
    false,
    (subject) => orNone(ofResponse(subject, (facts) => facts.streaming)),
  ),
  withValue("c", "response", "STATUS", "status: 404, 5xx, 400..499, >=400, 404,5xx", "~c 5xx", true, (text) =>
    valueCondition((subject) => ofResponse(subject, (facts) => facts.status), parseStatus(text)),
  ),
  flag("s", "exchange", "has a response", true, hasResponse),
  flag("q", "exchange", "has a request and no response", true, (subject) =>
    subject.facts.kind === "tunnel" ? false : not(hasResponse(subject)),
  ),
  flag("e", "exchange", "has an error", true, (subject) =>
    subject.facts.error !== null ? true : subject.phase === "done" ? false : undefined,
  ),
  flag("http", "exchange", "HTTP, WebSockets included", true, ({ facts }) =>
    facts.kind === "tunnel" ? facts.method !== "CONNECT" : true,
  ),
  flag("websocket", "exchange", "a WebSocket", true, isWebSocket),
  flag("tcp", "exchange", "a connection that was passed through undecrypted", true, isTunnel),
  flag("udp", "exchange", "UDP: nothing, trafficctl records none", true, () => false),
  flag("dns", "exchange", "DNS: nothing, trafficctl records none", true, () => false),
  flag("all", "exchange", "everything", true, () => true),
  flag("marked", "exchange", "has a tag", true, ({ facts, phase }) =>
    facts.tags.length > 0 ? true : phase === "done" ? false : undefined,
  ),
  flag("replay", "exchange", "sent again by trafficctl", true, isReplay),
  flag("replayq", "exchange", "sent again by trafficctl", true, isReplay),
  flag("replays", "exchange", "answered from a recording: nothing so far", true, () => false),
  withValue("kind", "exchange", "KIND", "http, websocket or tunnel", "~kind tunnel", false, kindCondition),
  withValue(
    "id",
    "exchange",
    "ID",
    "id, beginning of one, or number: 17, 3..9, 1,5",
    "~id 3..9",
    false,
    idCondition,
  ),
  withValue("dur", "amounts and times", "RANGE", "how long it took", "~dur >500ms", false, (text) =>
    numberCondition(
      ({ facts, phase }) => (phase === "done" ? (facts.duration ?? undefined) : undefined),
      parseDurationRange(text),
    ),
  ),
  size("size", "bytes of both bodies together, as on the wire", "~size >1MB", (q, s) => q + s),
  size("sizeq", "bytes of the request's body", "~sizeq 10KB..1MB", (q) => q),
  size("sizes", "bytes of the response's body", "~sizes 0", (_, s) => s),
  withValue(
    "time",
    "amounts and times",
    "RANGE",
    "when it began; local time where no zone is given",
    "~time 2026-11-20T10:00..11:00",
    false,
    (text) => numberCondition(({ facts }) => facts.startedAt, parseTimeRange(text)),
  ),
];

function flag(
  name: string,
  group: OperatorGroup,
  help: string,
  mitmproxy: boolean,
  test: (subject: Subject) => Verdict,
): Operator {
  return {
    name,
    group,
    help,
    example: `~${name}`,
    mitmproxy,
    caseSensitive: false,
    compile: () => verdictCondition(test),
  };
}

function withValue(
  name: string,
  group: OperatorGroup,
  label: string,
  help: string,
  example: string,
  mitmproxy: boolean,
  compile: (argument: string) => Condition,
): Operator {
  return {
    name,
    group,
    help,
    example,
    mitmproxy,
    caseSensitive: false,
    argument: { kind: "value", label },
    compile,
  };
}

function size(name: string, help: string, example: string, add: (q: number, s: number) => number): Operator {
  return withValue(name, "amounts and times", "RANGE", help, example, false, (text) =>
    numberCondition(
      ({ facts, phase }) => (phase === "done" ? add(facts.requestSize, facts.responseSize) : undefined),
      parseSizeRange(text),
    ),
  );
}

function numberCondition(source: Source<number>, range: Range): Condition {
  return valueCondition(source, (value) => inRange(range, value));
}

function responseType(subject: Subject, pattern: RegExp): Verdict {
  return orNone(ofResponse(subject, (facts) => pattern.test(facts.responseType)));
}

function orNone(value: boolean | null | undefined): Verdict {
  return value === null ? false : value;
}

function not(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}

function isReplay({ facts }: Subject): boolean {
  return facts.replays !== null;
}

function kindCondition(text: string): Condition {
  const kind = text.toLowerCase();
  if (kind === "websocket") return verdictCondition(isWebSocket);
  if (kind === "tunnel") return verdictCondition(isTunnel);
  if (kind === "http") {
    return verdictCondition((subject) => {
      const [webSocket, tunnel] = [isWebSocket(subject), isTunnel(subject)];
      if (webSocket === true || tunnel === true) return false;
      return webSocket === undefined || tunnel === undefined ? undefined : true;
    });
  }
  throw new Mistake(`'${text}' is no kind of exchange`, 0, text.length, "use http, websocket or tunnel");
}

/** No id begins with another digit than 0 before the year 3000, so that a number is a number. */
function idCondition(text: string): Condition {
  const conditions: ((subject: Subject) => boolean)[] = [];
  let at = 0;
  for (const part of text.split(",")) {
    const place = at;
    at += part.length + 1;
    if (/^[1-9]\d*$|\.\.|^[<>=]/.test(part)) {
      const range = parseRange(part, readSeq, place);
      conditions.push(({ facts }) => inRange(range, facts.seq));
    } else if (/^[0-9A-Za-z]{1,26}$/.test(part)) {
      const prefix = part.toUpperCase();
      conditions.push(({ facts }) => facts.id.startsWith(prefix));
    } else {
      throw new Mistake(`'${part}' is neither an id nor a number`, place, place + part.length);
    }
  }
  return {
    needs: {},
    test: (subject) => conditions.some((holds) => holds(subject)),
    saw: ({ facts }) => `${facts.seq}, ${facts.id}`,
  };
}

function readSeq(text: string, at: number): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Mistake(`'${text}' is no number of an exchange`, at, at + text.length);
}
