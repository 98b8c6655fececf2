// What one request of the soak asks for and what may come of it: well-behaved ones, faults, and the leniency that
// listeners need which end connections without a warning.

/**
 * @typedef {import("./ledger.mjs").Outcome} Outcome
 *
 * @typedef {object} Task
 * @property {number} id
 * @property {string} kind
 * @property {string} path
 * @property {string} method
 * @property {number} upload bytes of the request's body; -1 for none
 * @property {number} length bytes of the response's body
 * @property {readonly Outcome[]} expected
 * @property {number} [resetCode] the HTTP/2 code with which the stream must end
 */

const MB = 1 << 20;

/** @type {Record<string, readonly Outcome[]>} */
const HTTP1_FAULTS = {
  "reset-before-head": ["gateway"],
  "end-before-head": ["gateway"],
  "end-in-head": ["gateway"],
  garbage: ["gateway"],
  "bad-length": ["gateway"],
  "too-long": ["whole"],
  "not-gzip": ["whole"],
  "end-in-length": ["cut"],
  "end-in-chunked": ["cut"],
  "bad-chunk": ["cut", "gateway"],
  // Where the reset overtakes what came before it, nothing of the response has come.
  "reset-in-length": ["cut", "gateway"],
  "reset-in-chunked": ["cut", "gateway"],
  // Data and a reset that are read at once look like data and an end: libuv goes by POLLHUP.
  "reset-in-close": ["cut", "gateway", "short"],
};

/** PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM */
const RESET_CODES = [1, 2, 7, 8, 11];
/** What Node's server can send in the middle of a body, and what the proxy says of one that it can't believe. */
const RESET_CODE = /** @type {Record<string, number>} */ ({ "rst-in-body": 2, "less-than-length": 1 });

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Task} that any listener of the origin answers in full
 */
export function wellBehaved(random, ledger) {
  const kind = random.weighted([
    [10, "body"],
    [6, "upload"],
    [1, "trickle"],
    [1, "stall"],
    [1, "informational"],
    [1, "headers"],
  ]);
  const id = ledger.newId();
  const length = random.size(random.chance(0.1) ? 4 * MB : 100_000);
  const upload = kind === "upload" ? random.size(random.chance(0.1) ? 4 * MB : 100_000) : -1;
  const framing = random.pick(["length", "chunked"]);
  const path = `/${kind}?id=${id}&length=${length}&framing=${framing}&upload=${upload}&stall=${random.between(10, 800)}`;
  return { id, kind, path, method: upload === -1 ? "GET" : "POST", upload, length, expected: ["whole"] };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Task} for a listener that may end the connection at any time
 */
export function shaky(random, ledger) {
  const task = wellBehaved(random, ledger);
  const then = random.chance(0.3) ? "&then=end" : "";
  return { ...task, path: task.path + then, expected: ["whole", "cut", "gateway", "refused", "short"] };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Task} with a body of many megabytes, one way or the other
 */
export function big(random, ledger) {
  const id = ledger.newId();
  const up = random.chance(0.5);
  const size = random.between(4, 16) * MB;
  const [upload, length] = up ? [size, 1] : [-1, size];
  const kind = up ? "upload" : "body";
  const path = `/${kind}?id=${id}&length=${length}&framing=${random.pick(["length", "chunked"])}&upload=${upload}`;
  return { id, kind: `big ${kind}`, path, method: up ? "POST" : "GET", upload, length, expected: ["whole"] };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Task} to the listener for HTTP/1.1
 */
export function fault(random, ledger) {
  const id = ledger.newId();
  const kind = random.pick([...Object.keys(HTTP1_FAULTS), "early"]);
  // What is too long has to come at once: a connection that was used again by then would be answered with the rest.
  const length = random.size(kind === "too-long" ? 4_000 : 50_000) + 1;
  const path = `/${kind}?id=${id}&length=${length}&framing=length`;
  if (kind === "early") {
    const expected = /** @type {const} */ (["whole", "cut", "gateway", "refused"]);
    return { id, kind, path, method: "POST", upload: random.between(1, 2 * MB), length, expected };
  }
  return { id, kind, path, method: "GET", upload: -1, length, expected: HTTP1_FAULTS[kind] ?? [] };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @param {{ translated: boolean }} client whether it speaks HTTP/1.1, for which a reset is a 502 or a cut
 * @returns {Task} to the listener for HTTP/2
 */
export function streamFault(random, ledger, { translated }) {
  const id = ledger.newId();
  const kind = random.pick(["rst-before-head", "rst-in-body", "less-than-length"]);
  const length = random.size(50_000);
  const resetCode = RESET_CODE[kind] ?? random.pick(RESET_CODES);
  const path = `/${kind}?id=${id}&length=${length}&code=${resetCode}`;
  const base = { id, kind, path, method: "GET", upload: -1, length };
  if (translated) return { ...base, expected: kind === "rst-before-head" ? ["gateway"] : ["cut", "gateway"] };
  return { ...base, resetCode, expected: ["cut", "refused"] };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Task} to the HTTP/2 listener whose sessions end
 */
export function sessionFault(random, ledger) {
  if (random.chance(0.7)) return shaky(random, ledger);
  const id = ledger.newId();
  const kind = random.pick(["goaway", "session-destroyed", "session-error"]);
  const length = random.size(50_000);
  const path = `/${kind}?id=${id}&length=${length}`;
  return {
    id,
    kind,
    path,
    method: "GET",
    upload: -1,
    length,
    expected: ["whole", "cut", "gateway", "refused"],
  };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Task} that is never answered
 */
export function silence(random, ledger) {
  const id = ledger.newId();
  const path = `/silence?id=${id}&length=0`;
  return {
    id,
    kind: "silence",
    path,
    method: random.pick(["GET", "DELETE"]),
    upload: -1,
    length: 0,
    expected: ["gateway"],
  };
}
