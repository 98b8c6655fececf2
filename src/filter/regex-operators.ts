// The operators that take a regular expression. Those over bytes (headers, bodies) and those over text (URL, names)
// are mitmproxy's, and so are the flags of each.
import { type Condition, listCondition, type Needs, patternCondition, type Source } from "./condition.js";
import type { CompileOptions, Operator, OperatorGroup } from "./operator.js";
import { compilePattern, type Pattern } from "./pattern.js";
import {
  clientAddress,
  errorText,
  isUnderWay,
  marks,
  requestContent,
  requestHeaders,
  requestType,
  responseContent,
  responseHeaders,
  responseType,
  serverAddress,
  serverName,
} from "./sources.js";
import { hostOf, isWebSocket, urlText } from "./subject.js";

interface RegexOperator {
  readonly name: string;
  readonly group: OperatorGroup;
  readonly help: string;
  readonly example: string;
  readonly over: "bytes" | "text";
  readonly flag?: "multiline" | "dotAll";
  readonly own?: true;
  condition(pattern: Pattern): Condition;
}

const HEADERS: Partial<Needs> = { headers: true };
const BODIES: Partial<Needs> = { requestContent: true, responseContent: true, messages: true };

const REGEX_OPERATORS: readonly RegexOperator[] = [
  {
    name: "u",
    group: "request",
    help: "URL; a bare word means the same",
    example: "~u /api/v[12]/",
    over: "text",
    condition: (pattern) => patternCondition(pattern, [urlText], {}),
  },
  {
    name: "d",
    group: "request",
    help: "host name",
    example: "~d example\\.com$",
    over: "text",
    condition: (pattern) => patternCondition(pattern, [hostOf], {}),
  },
  {
    name: "m",
    group: "request",
    help: "method",
    example: "~m ^P",
    over: "bytes",
    condition: (pattern) => patternCondition(pattern, [({ facts }) => facts.method], {}),
  },
  {
    name: "hq",
    group: "request",
    help: "header lines of the request, each as `Name: value`",
    example: '~hq "^authorization: bearer"',
    over: "bytes",
    flag: "multiline",
    condition: (pattern) => patternCondition(pattern, [requestHeaders], HEADERS),
  },
  {
    name: "tq",
    group: "request",
    help: "Content-Type of the request",
    example: "~tq json",
    over: "bytes",
    condition: (pattern) => patternCondition(pattern, [requestType], {}),
  },
  {
    name: "bq",
    group: "request",
    help: "body of the request, decoded, and the WebSocket messages that the client sent",
    example: "~bq password",
    over: "bytes",
    flag: "dotAll",
    condition: (pattern) =>
      bodyCondition(pattern, [requestContent], "send", { requestContent: true, messages: true }),
  },
  {
    name: "hs",
    group: "response",
    help: "header lines of the response",
    example: '~hs "^set-cookie:"',
    over: "bytes",
    flag: "multiline",
    condition: (pattern) => patternCondition(pattern, [responseHeaders], HEADERS),
  },
  {
    name: "ts",
    group: "response",
    help: "Content-Type of the response",
    example: "~ts ^image/",
    over: "bytes",
    condition: (pattern) => patternCondition(pattern, [responseType], {}),
  },
  {
    name: "bs",
    group: "response",
    help: "body of the response, decoded, and the WebSocket messages that the client received",
    example: "~bs error",
    over: "bytes",
    flag: "dotAll",
    condition: (pattern) =>
      bodyCondition(pattern, [responseContent], "receive", { responseContent: true, messages: true }),
  },
  {
    name: "h",
    group: "either side",
    help: "header lines of the request or the response",
    example: "~h x-request-id",
    over: "bytes",
    flag: "multiline",
    condition: (pattern) => patternCondition(pattern, [requestHeaders, responseHeaders], HEADERS),
  },
  {
    name: "t",
    group: "either side",
    help: "Content-Type of the request or the response",
    example: "~t json",
    over: "bytes",
    condition: (pattern) => patternCondition(pattern, [requestType, responseType], {}),
  },
  {
    name: "b",
    group: "either side",
    help: "body of the request or the response, decoded, and WebSocket messages",
    example: '~b "order not found"',
    over: "bytes",
    flag: "dotAll",
    condition: (pattern) => bodyCondition(pattern, [requestContent, responseContent], undefined, BODIES),
  },
  {
    name: "src",
    group: "exchange",
    help: "address:port of the client",
    example: "~src ^127\\.0\\.0\\.1:",
    over: "text",
    condition: (pattern) => patternCondition(pattern, [clientAddress], {}),
  },
  {
    name: "dst",
    group: "exchange",
    help: "address:port of the server, or its name:port",
    example: "~dst :8443$",
    over: "text",
    condition: (pattern) => patternCondition(pattern, [serverAddress, serverName], {}),
  },
  {
    name: "err",
    group: "exchange",
    help: "code or message of the error",
    example: "~err timeout",
    over: "text",
    own: true,
    condition: (pattern) => patternCondition(pattern, [errorText], {}),
  },
  {
    name: "tag",
    group: "exchange",
    help: "a tag",
    example: "~tag ^smoke$",
    over: "text",
    own: true,
    condition: (pattern) => listCondition(pattern, ({ facts }) => facts.tags, isUnderWay),
  },
  {
    name: "rule",
    group: "exchange",
    help: "name of a rule that acted on it",
    example: "~rule mock-login",
    over: "text",
    own: true,
    condition: (pattern) => listCondition(pattern, ({ facts }) => facts.rules, isUnderWay),
  },
  {
    name: "marker",
    group: "exchange",
    help: "a tag, which is what trafficctl has for marks",
    example: "~marker todo",
    over: "text",
    condition: (pattern) => listCondition(pattern, ({ facts }) => marks(facts.tags), isUnderWay),
  },
  {
    name: "comment",
    group: "exchange",
    help: "comment; trafficctl keeps none, so it is always empty",
    example: "~comment todo",
    over: "text",
    flag: "multiline",
    condition: (pattern) => patternCondition(pattern, [() => ""], {}),
  },
  {
    name: "meta",
    group: "exchange",
    help: "metadata of add-ons; trafficctl has none, so it is always empty",
    example: "~meta key",
    over: "text",
    flag: "multiline",
    condition: (pattern) => patternCondition(pattern, [() => ""], {}),
  },
];

/** Each with its twin that heeds case, as mitmproxy has them: `~u` and `~uc`. */
export const regexOperators: readonly Operator[] = REGEX_OPERATORS.flatMap((row) => [
  regexOperator(row, true),
  regexOperator(row, false),
]);

function regexOperator(row: RegexOperator, ignoreCase: boolean): Operator {
  return {
    name: ignoreCase ? row.name : `${row.name}c`,
    group: row.group,
    help: ignoreCase ? row.help : `as ~${row.name}, with case`,
    example: ignoreCase ? row.example : row.example.replace(`~${row.name}`, `~${row.name}c`),
    argument: { kind: "regex", label: "REGEX" },
    mitmproxy: row.own !== true,
    caseSensitive: !ignoreCase,
    compile: (argument: string, { patternLimitMs }: CompileOptions) =>
      row.condition(
        compilePattern(argument, {
          bytes: row.over === "bytes",
          ignoreCase,
          multiline: row.flag === "multiline",
          dotAll: row.flag === "dotAll",
          limitMs: patternLimitMs,
        }),
      ),
  };
}

const TEXT = 1;
const BINARY = 2;

/** @param direction of the messages that are searched too; both where there is none */
function bodyCondition(
  pattern: Pattern,
  sources: readonly Source<string>[],
  direction: "send" | "receive" | undefined,
  needs: Partial<Needs>,
): Condition {
  const bodies = patternCondition(pattern, sources, needs);
  return {
    needs,
    saw: (subject) => bodies.saw(subject),
    test(subject) {
      const found = bodies.test(subject);
      if (found === true) return true;
      const webSocket = isWebSocket(subject);
      if (webSocket === false) return found;
      // mitmproxy keeps no pings and closes among the messages.
      for (const message of subject.messages ?? []) {
        if (message.opcode !== TEXT && message.opcode !== BINARY) continue;
        if (direction !== undefined && message.direction !== direction) continue;
        if (pattern.test(message.content)) return true;
      }
      return subject.messages === undefined || isUnderWay(subject) ? undefined : found;
    },
  };
}
