// What is to be sent for a recorded exchange, or why nothing is.
import { TrafficError } from "../../errors.js";
import type { ExchangeFacts } from "../../exchange/facts.js";
import type { Origin } from "../../proxy/target.js";
import { checkSendable } from "../../replay/send/outgoing.js";
import { type SendRequest, Unsendable } from "../../replay/send/request.js";
import { isLoopback, parseTarget, retarget } from "../../replay/send/retarget.js";
import type { Selected } from "../query.js";
import { edited } from "./edits.js";
import { recordedRequest } from "./recorded-request.js";
import type { ReplayInput } from "./types.js";

export type Plan =
  | { readonly kind: "ready"; readonly request: SendRequest }
  | {
      readonly kind: "refused" | "skipped";
      readonly method: string;
      readonly url: string;
      readonly reason: string;
    };

export type Planner = (selected: Selected) => Promise<Plan>;

/** Methods that change nothing (RFC 9110 section 9.2.1, the registry of methods); any other may. */
const SAFE_METHODS: ReadonlySet<string> = new Set(
  "GET HEAD OPTIONS TRACE PRI PROPFIND QUERY REPORT SEARCH".split(" "),
);

/** @throws BAD_OPTION */
export function planner(input: ReplayInput): Planner {
  const target = targetOf(input);
  return async (selected) => {
    const { method, url } = selected.facts;
    const kind = notARequest(selected.facts);
    if (kind !== undefined) return { kind: "skipped", method, url, reason: kind };
    try {
      const request = await changedRequest(selected, input, target);
      checkSendable(request);
      const forbidden = forbiddenReason(request, input);
      if (forbidden !== undefined) {
        return { kind: "refused", method: request.method, url: request.url, reason: forbidden };
      }
      return { kind: "ready", request };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { kind: "refused", method, url, reason: error.message };
    }
  };
}

function targetOf({ target, edits }: ReplayInput): Origin | undefined {
  if (target === undefined) return undefined;
  if (edits?.url !== undefined) throw new TrafficError("BAD_OPTION", "--target and --url exclude each other");
  const origin = parseTarget(target);
  if (origin !== undefined) return origin;
  throw new TrafficError("BAD_OPTION", `--target ${target} is no scheme, host and port`, {
    hint: "as in --target http://localhost:3000: paths and queries are those of the recorded requests",
  });
}

async function changedRequest(
  selected: Selected,
  { edits = {} }: ReplayInput,
  target: Origin | undefined,
): Promise<SendRequest> {
  const recorded = await recordedRequest(selected, edits.body === undefined);
  return await edited(target === undefined ? recorded : retarget(recorded, target), edits);
}

function notARequest({ kind }: ExchangeFacts): string | undefined {
  if (kind === "websocket") return "a WebSocket is not sent again";
  return kind === "tunnel" ? "a tunnel was not looked into" : undefined;
}

function forbiddenReason({ method, url }: SendRequest, { unsafe }: ReplayInput): string | undefined {
  if (unsafe === true || SAFE_METHODS.has(method) || isLoopback(url)) return undefined;
  return `${method} may change something there: --unsafe sends it`;
}

/** Damage to one body is no reason to end the run. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Unsendable || (error instanceof TrafficError && error.code === "SESSION_DAMAGED");
}
