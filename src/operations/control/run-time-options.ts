// The options that may change while a proxy runs, and a good answer for all others.
import { TrafficError } from "../../errors.js";
import { nearNames } from "../../near-names.js";
import type { Json } from "../../session/manifest.js";
import type { Recorder } from "../../session/recorder.js";
import type { RecordSelection } from "../record-selection.js";
import type { RecordingRules } from "../rules/recording-rules.js";
import type { RunTimeOption } from "./controlled.js";

/** Flags of `record` that hold from its start to its end: what to do instead. */
const RESTART = "stop it, and record with";
const FIXED: Readonly<Record<string, string>> = {
  host: `${RESTART} --host ADDRESS`,
  port: `${RESTART} --port N`,
  session: `${RESTART} --session NAME`,
  home: `${RESTART} --home DIR`,
  insecure: "certificate checking is never changed while it runs",
  "upstream-ca": "certificate checking is never changed while it runs",
  "client-cert": `${RESTART} --client-cert PEM`,
  passthrough: `${RESTART} --passthrough GLOB`,
  "intercept-only": `${RESTART} --intercept-only GLOB`,
  "fail-open": `${RESTART} --fail-open`,
  mode: `${RESTART} --mode MODE`,
  "proxy-auth": `${RESTART} --proxy-auth USER:PASSWORD`,
  "upstream-proxy": `${RESTART} --upstream-proxy URL`,
  "no-upstream-proxy": `${RESTART} --no-upstream-proxy HOST`,
  timeout: `${RESTART} --timeout TIME`,
  duration: "`trafficctl stop` ends it at any time",
  "max-exchanges": `${RESTART} --max-exchanges N`,
  "max-disk": `${RESTART} --max-disk SIZE`,
  bodies: `${RESTART} --no-bodies, or set max-body=0`,
  "no-bodies": `${RESTART} --no-bodies, or set max-body=0`,
  method: "the filter may change: filter='~m POST'",
  url: "the filter may change: filter='~u /api/'",
  hostname: "the filter may change: filter='~d example.com'",
  streaming: "the filter may change: filter='~stream'",
  ...Object.fromEntries(
    ["rules", "mock", "set-header", "remove-header", "map-remote", "map-local", "delay", "block"].map(
      (name) => [name, "`trafficctl rules` changes them"],
    ),
  ),
  "intercept-timeout": `${RESTART} --intercept-timeout TIME`,
  "no-proxy": `${RESTART} --no-proxy HOSTS`,
  "fail-on": `${RESTART} --fail-on STATUS`,
  har: "`trafficctl export` writes one of what was recorded, at any time",
  policy: "`trafficctl export --policy FILE` takes one",
  "no-redact": "`trafficctl export --no-redact` leaves it away",
  json: `${RESTART} --json`,
  quiet: `${RESTART} --quiet`,
  "log-level": `${RESTART} --log-level LEVEL`,
};

/** @throws TrafficError BAD_OPTION, naming what can be set */
export function findOption(options: readonly RunTimeOption[], name: string): RunTimeOption {
  const found = options.find((option) => option.name === name);
  if (found !== undefined) return found;
  const hint = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
  if (hint !== undefined) {
    throw new TrafficError("BAD_OPTION", `${name} can't be changed while the proxy runs`, { hint });
  }
  const names = options.map((option) => option.name);
  const near = nearNames(name, names);
  throw new TrafficError("BAD_OPTION", `'${name}' is no option of a running proxy`, {
    hint: near.length > 0 ? `did you mean ${near.join(" or ")}?` : `these can be set: ${names.join(", ")}`,
  });
}

export function filterOption(selection: RecordSelection): RunTimeOption {
  return {
    name: "filter",
    get: () => selection.filter ?? null,
    prepare(value) {
      if (value !== null && typeof value !== "string")
        throw wrong("filter", value, "a filter, or nothing for all");
      return selection.prepare(value ?? undefined);
    },
  };
}

/** Which exchanges are held. */
export function interceptOption(rules: RecordingRules): RunTimeOption {
  return {
    name: "intercept",
    get: () => rules.intercept ?? null,
    async prepare(value) {
      if (value !== null && typeof value !== "string")
        throw wrong("intercept", value, "a filter, or nothing for none");
      return await (await rules.load()).prepareIntercept(value ?? undefined);
    },
  };
}

/** @param bodies false: the recording keeps none, which stays so */
export function maxBodyOption(recorder: Recorder, bodies: boolean): RunTimeOption {
  return {
    name: "max-body",
    get: () => (bodies ? (recorder.maxBody ?? null) : 0),
    prepare(value) {
      if (!bodies) {
        throw new TrafficError("BAD_OPTION", "this recording keeps no bodies (--no-bodies)", {
          hint: "stop it, and record without --no-bodies",
        });
      }
      if (value !== null && !isSize(value))
        throw wrong("max-body", value, "a number of bytes, or nothing for all");
      return () => {
        recorder.maxBody = value ?? undefined;
      };
    },
  };
}

function isSize(value: Json): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function wrong(name: string, value: Json, takes: string): TrafficError {
  return new TrafficError("BAD_OPTION", `${name} takes ${takes}, not ${JSON.stringify(value).slice(0, 100)}`);
}
