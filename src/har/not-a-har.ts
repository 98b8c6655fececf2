// Says what a file is that is not a HAR, so that whoever gave the wrong one sees it at once.
import { TrafficError } from "../errors.js";

interface Seen {
  readonly rootKeys: readonly string[];
  readonly firstByte: number | undefined;
  readonly hasLog: boolean;
  readonly entriesAreNoList: boolean;
}

/** @param start the file's first bytes, unpacked. */
export function notAHar(seen: Seen, start: Buffer): TrafficError {
  const { message, hint } = describe(seen, start);
  return new TrafficError("HAR_INVALID", message, {
    hint: hint ?? "a HAR is a JSON object with `log.entries`",
  });
}

interface Description {
  readonly message: string;
  readonly hint?: string;
}

function describe(seen: Seen, start: Buffer): Description {
  if (seen.firstByte === undefined) return { message: "the file is empty" };
  if (seen.firstByte !== 0x7b) return byItsStart(start);
  if (seen.entriesAreNoList) return { message: "`log.entries` is not a list" };
  if (seen.hasLog) return { message: "`log` has no `entries`" };
  return byItsKeys(new Set(seen.rootKeys));
}

const STARTS: readonly (readonly [RegExp, string, string?])[] = [
  [
    /^\s*\[\s*\{\s*"(?:status|method|protocolVersion)"/,
    "a Charles session as JSON",
    "in Charles: File, Export Session, HTTP Archive (.har)",
  ],
  [/^\s*\[/, "a JSON list"],
  [/^\s*</, "XML or HTML", "Internet Explorer saved HAR as XML; HAR is JSON"],
  [/^\d+:/, "a mitmproxy flow file", "`mitmdump -nr FILE --set hardump=OUT.har` makes a HAR of it"],
  [/^PK/, "a zip archive", "give the archive itself by its path: it cannot be read from a pipe"],
  [/^%PDF/, "a PDF"],
  [/^[\x20-\x7e\s]+/, "text that is not JSON"],
];

function byItsStart(start: Buffer): Description {
  const text = start.toString("latin1");
  for (const [pattern, what, hint] of STARTS) {
    if (pattern.test(text))
      return { message: `this is ${what}, not a HAR`, ...(hint === undefined ? {} : { hint }) };
  }
  return { message: "this is a binary file, not a HAR" };
}

const KEYS: readonly (readonly [readonly string[], string, string?])[] = [
  [["v", "type"], "a trafficctl session", "give its folder or its name instead"],
  [["info", "item"], "a Postman collection"],
  [["openapi"], "an OpenAPI description"],
  [["swagger"], "an OpenAPI description"],
  [["_type", "resources"], "an Insomnia collection", "in Insomnia: Export, HAR"],
  [["traceEvents"], "a performance trace", "the Network panel exports HAR, the Performance panel does not"],
  [["entries"], "the `log` of a HAR without the object around it", 'put {"log": … } around it'],
  [["request", "response"], "one entry of a HAR", 'put {"log":{"entries":[ … ]}} around it'],
];

function byItsKeys(keys: ReadonlySet<string>): Description {
  for (const [needed, what, hint] of KEYS) {
    if (needed.every((key) => keys.has(key))) {
      return { message: `this is ${what}, not a HAR`, ...(hint === undefined ? {} : { hint }) };
    }
  }
  if (keys.size === 0) return { message: "this is an empty JSON object, not a HAR" };
  const some = [...keys].slice(0, 5).map((key) => `\`${key.slice(0, 40)}\``);
  return { message: `this is JSON without \`log\`, not a HAR: it has ${some.join(", ")}` };
}
