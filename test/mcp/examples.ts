// Of every tool a call that does what it is for, and one that it has to refuse.
import type { Called } from "./support.js";

export interface ToolExample {
  readonly good: Record<string, unknown>;
  /** What the answer has to have. */
  readonly holds: (called: Called) => void;
  readonly bad: Record<string, unknown>;
  /** The code of the refusal. */
  readonly code: string;
  /** Tools that are called before, and after it. */
  readonly before?: readonly (readonly [name: string, args: Record<string, unknown>])[];
  readonly after?: readonly (readonly [name: string, args: Record<string, unknown>])[];
}

const PROXY = {
  before: [["start_capture", {}]],
  after: [["stop_capture", {}]],
} as const;
const SERVER = { before: [["start_serving", { from: ["made"] }]], after: [["stop_serving", {}]] } as const;

function has(part: Record<string, unknown>): (called: Called) => void {
  return ({ data }) => {
    for (const [name, value] of Object.entries(part)) {
      if (JSON.stringify(data[name]) !== JSON.stringify(value)) {
        throw new Error(`${name} is ${JSON.stringify(data[name])}, not ${JSON.stringify(value)}`);
      }
    }
  };
}

function says(pattern: RegExp): (called: Called) => void {
  return ({ text }) => {
    if (!pattern.test(text)) throw new Error(`it says: ${text}`);
  };
}

const RULE = { name: "down", match: "~u /users", actions: { respond: { status: 503 } } };

/** Session `made` has seven exchanges (support/made-session); `out.har` is an export of it. */
export const EXAMPLES: Readonly<Record<string, ToolExample>> = {
  start_capture: {
    good: { methods: ["POST"], maxExchanges: 5 },
    holds: says(/Recording at http:\/\/127\.0\.0\.1:\d+/),
    bad: { filter: "~c (" },
    code: "FILTER_INVALID",
    after: [["stop_capture", {}]],
  },
  stop_capture: {
    good: {},
    holds: says(/^Stopped/),
    bad: { session: "nothing" },
    code: "NOT_RUNNING",
    before: PROXY.before,
  },
  capture_status: { ...PROXY, good: {}, holds: has({ total: 1 }), bad: { cursor: "x" }, code: "BAD_OPTION" },
  clear_capture: { ...PROXY, good: {}, holds: has({ cleared: 0 }), bad: { all: true }, code: "BAD_OPTION" },
  capture_traffic: {
    good: { seconds: 0.1, port: 0 },
    holds: says(/Captured for 0.1 s/),
    bad: { seconds: 31 },
    code: "BAD_OPTION",
  },
  run_command: {
    good: { command: process.execPath, args: ["-e", "console.log('it ran')"] },
    holds: says(/exit code 0[\s\S]*it ran/),
    bad: { command: "/no/such/command" },
    code: "COMMAND_NOT_FOUND",
  },
  get_environment: {
    ...PROXY,
    good: {},
    holds: says(/HTTPS_PROXY=http/),
    bad: { session: "nothing" },
    code: "NOT_RUNNING",
  },
  get_ca: { good: {}, holds: says(/BEGIN CERTIFICATE/), bad: { format: "p12" }, code: "BAD_OPTION" },
  get_options: {
    ...PROXY,
    good: {},
    holds: says(/filter = null {2}\(may change\)/),
    bad: { session: "nothing" },
    code: "NOT_RUNNING",
  },
  set_options: {
    ...PROXY,
    good: { values: { filter: "~m GET" } },
    holds: says(/filter = "~m GET"/),
    bad: { values: { insecure: true } },
    code: "BAD_OPTION",
  },
  list_exchanges: {
    good: { session: "made", statuses: ["2xx"], hostnames: ["api.test"] },
    holds: has({ total: 3, nextCursor: null }),
    bad: { session: "made", filter: "~c (" },
    code: "FILTER_INVALID",
  },
  count_exchanges: {
    good: { session: "made" },
    holds: has({ total: 7 }),
    bad: { session: "absent" },
    code: "SESSION_NOT_FOUND",
  },
  search_exchanges: {
    good: { session: "made", pattern: "Grace", places: ["request"] },
    holds: says(/name=Grace\+Hopper/),
    bad: { session: "made", pattern: "(", regex: true },
    code: "FILTER_INVALID",
  },
  explain_filters: { good: {}, holds: says(/~c STATUS/), bad: { operator: "~c" }, code: "BAD_OPTION" },
  get_exchange: {
    good: { session: "made", exchange: "1" },
    holds: says(/GET https:\/\/api\.test\/users\/1[\s\S]*"name":"Ada"/),
    bad: { session: "made", exchange: "99" },
    code: "EXCHANGE_NOT_FOUND",
  },
  read_exchange_part: {
    good: { session: "made", exchange: "5", part: "response_body", offset: 69_990 },
    holds: has({ total: 70_000, length: 10, nextOffset: null }),
    bad: { session: "made", exchange: "6", part: "response_body" },
    code: "BODY_UNREADABLE",
  },
  list_messages: {
    good: { session: "made", exchange: "7" },
    holds: has({ total: 4 }),
    bad: { session: "made" },
    code: "BAD_OPTION",
  },
  make_snippet: {
    good: { session: "made", exchange: "3", kind: "curl" },
    holds: says(/curl [\s\S]*Grace/),
    bad: { session: "made", exchange: "3", kind: "perl" },
    code: "BAD_OPTION",
  },
  get_statistics: {
    good: { session: "made" },
    holds: has({ exchanges: 7, failed: 1 }),
    bad: { session: "made", list: "days" },
    code: "BAD_OPTION",
  },
  list_sessions: { good: {}, holds: says(/made {2}stopped/), bad: { limit: 0 }, code: "BAD_OPTION" },
  show_session: {
    good: { session: "made" },
    holds: has({ exchanges: 7 }),
    bad: { session: "absent" },
    code: "SESSION_NOT_FOUND",
  },
  delete_session: {
    good: { session: "copy" },
    holds: says(/Deleted session copy/),
    bad: { session: "last" },
    code: "NOT_ALLOWED",
    before: [["duplicate_exchange", { session: "made", exchange: "1", into: "copy" }]],
  },
  recover_session: {
    good: { session: "made" },
    holds: says(/nothing to recover/),
    bad: { session: "absent" },
    code: "SESSION_NOT_FOUND",
  },
  merge_sessions: {
    good: { sessions: ["made"], into: "merged", filter: "~c 2xx" },
    holds: says(/merged has 4 exchanges/),
    bad: { sessions: ["made"], into: "made" },
    code: "SESSION_EXISTS",
    after: [["delete_session", { session: "merged" }]],
  },
  export_har: {
    good: { session: "made", output: "again.har" },
    holds: has({ entries: 7, leftOut: 0 }),
    bad: { session: "made", output: "/etc/out.har" },
    code: "NOT_ALLOWED",
  },
  import_har: {
    good: { files: ["out.har"], name: "imported" },
    holds: says(/imported has 7 exchanges/),
    bad: { files: ["absent.har"] },
    code: "FILE_NOT_FOUND",
    after: [["delete_session", { session: "imported" }]],
  },
  validate_har: {
    good: { file: "out.har" },
    holds: has({ valid: true }),
    bad: { file: "absent.har" },
    code: "FILE_NOT_FOUND",
  },
  redact_session: {
    good: { session: "made", into: "clean" },
    holds: says(/clean has 7 exchanges/),
    bad: { session: "made", into: "../clean" },
    code: "BAD_OPTION",
    after: [["delete_session", { session: "clean" }]],
  },
  preview_replay: {
    good: { session: "made", limit: 2 },
    holds: says(/^Nothing was sent\. 2 planned/),
    bad: { session: "made", filter: "~m PATCH" },
    code: "EXCHANGE_NOT_FOUND",
  },
  replay_exchanges: {
    good: { session: "made", filter: "~d gone.test", into: "sent" },
    holds: says(/1 failed/),
    bad: { session: "made", target: "nowhere" },
    code: "BAD_OPTION",
    after: [["delete_session", { session: "sent" }]],
  },
  resend_exchange: {
    good: { session: "made", exchange: "6", into: "resent" },
    holds: says(/1 failed/),
    bad: { session: "made", exchange: "77" },
    code: "EXCHANGE_NOT_FOUND",
    after: [["delete_session", { session: "resent" }]],
  },
  send_request: {
    good: { url: "http://gone.invalid/", into: "one" },
    holds: says(/^No response/),
    bad: { url: "ftp://gone.invalid/" },
    code: "BAD_OPTION",
    after: [["delete_session", { session: "one" }]],
  },
  duplicate_exchange: {
    good: { session: "made", exchange: "1", into: "twin" },
    holds: says(/Copied into session twin/),
    bad: { session: "made", exchange: "1", into: "made" },
    code: "SESSION_EXISTS",
    after: [["delete_session", { session: "twin" }]],
  },
  compare_sessions: {
    good: { before: "made", after: "made" },
    holds: has({ total: 0 }),
    bad: { before: "made", after: "absent" },
    code: "SESSION_NOT_FOUND",
  },
  list_rules: {
    ...PROXY,
    good: {},
    holds: has({ total: 0 }),
    bad: { session: "nothing" },
    code: "NOT_RUNNING",
  },
  add_rules: {
    ...PROXY,
    good: { rules: [RULE] },
    holds: says(/1 rules hold[\s\S]*down: ~u \/users/),
    bad: { rules: [{ name: "wrong", match: "~m GET", actions: { reply: {} } }] },
    code: "RULES_INVALID",
  },
  update_rules: {
    before: [...PROXY.before, ["add_rules", { rules: [RULE] }]],
    after: PROXY.after,
    good: { rules: [{ ...RULE, match: "~u /orders" }] },
    holds: says(/down: ~u \/orders/),
    bad: { rules: [{ ...RULE, name: "unknown" }] },
    code: "BAD_OPTION",
  },
  remove_rules: {
    before: [...PROXY.before, ["add_rules", { rules: [RULE] }]],
    after: PROXY.after,
    good: { names: ["down"] },
    holds: has({ total: 0 }),
    bad: { names: ["unknown"] },
    code: "BAD_OPTION",
  },
  enable_rules: {
    before: [...PROXY.before, ["add_rules", { rules: [{ ...RULE, enabled: false }] }]],
    after: PROXY.after,
    good: { names: ["down"] },
    holds: says(/down: ~u/),
    bad: { names: [] },
    code: "BAD_OPTION",
  },
  disable_rules: {
    before: [...PROXY.before, ["add_rules", { rules: [RULE] }]],
    after: PROXY.after,
    good: { names: ["down"] },
    holds: says(/down \(disabled\)/),
    bad: { names: ["unknown"] },
    code: "BAD_OPTION",
  },
  test_rules: {
    good: { rules: [RULE], session: "made", exchange: "1" },
    holds: has({ winner: "down", acting: ["down"] }),
    bad: { rules: [RULE] },
    code: "BAD_OPTION",
  },
  set_intercept: {
    ...PROXY,
    good: { filter: "~m POST" },
    holds: has({ filter: "~m POST", held: 0 }),
    bad: { filter: "~c (" },
    code: "FILTER_INVALID",
  },
  list_held: {
    ...PROXY,
    good: {},
    holds: has({ total: 0 }),
    bad: { session: "nothing" },
    code: "NOT_RUNNING",
  },
  // Held exchanges are in intercept.test.ts: here there is none.
  show_held: { ...PROXY, good: {}, holds: () => {}, bad: { id: 1 }, code: "EXCHANGE_NOT_FOUND" },
  edit_held: {
    ...PROXY,
    good: {},
    holds: () => {},
    bad: { id: 1, method: "PUT" },
    code: "EXCHANGE_NOT_FOUND",
  },
  resume_held: { ...PROXY, good: {}, holds: () => {}, bad: { id: 1 }, code: "EXCHANGE_NOT_FOUND" },
  drop_held: { ...PROXY, good: {}, holds: () => {}, bad: { id: 1 }, code: "EXCHANGE_NOT_FOUND" },
  resume_all_held: {
    ...PROXY,
    good: {},
    holds: has({ count: 0 }),
    bad: { session: "nothing" },
    code: "NOT_RUNNING",
  },
  record_fixtures: {
    good: { session: "made", output: "fixtures.json" },
    holds: says(/fixtures\.json: \d+ exchanges/),
    bad: { session: "made", output: "fixtures.txt" },
    code: "BAD_OPTION",
  },
  start_serving: {
    good: { from: ["made"] },
    holds: says(/Answering from \d+ exchanges/),
    bad: { from: ["absent"] },
    code: "SESSION_NOT_FOUND",
    after: [["stop_serving", {}]],
  },
  serving_status: {
    ...SERVER,
    good: {},
    holds: says(/0 hits, 0 misses/),
    bad: { url: "http://127.0.0.1:1" },
    code: "NOT_RUNNING",
  },
  stop_serving: {
    good: {},
    holds: says(/^Stopped/),
    bad: { url: "http://127.0.0.1:1" },
    code: "NOT_RUNNING",
    before: SERVER.before,
  },
  // Results that do not fit are in budget.test.ts.
  read_result: { good: {}, holds: () => {}, bad: { result: "result-0" }, code: "BAD_OPTION" },
};

/** Those whose good call stands in another file. */
export const ELSEWHERE: ReadonlySet<string> = new Set([
  "show_held",
  "edit_held",
  "resume_held",
  "drop_held",
  "read_result",
]);
