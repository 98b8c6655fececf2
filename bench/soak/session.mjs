// Reads what was recorded and holds it against what the clients saw.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * @typedef {object} SessionFacts
 * @property {number} exchanges
 * @property {number} messages
 * @property {number} unended exchanges that began and have no final line
 * @property {Map<string, number>} errors by code
 * @property {Map<string, number>} kinds
 * @property {string[]} problems
 *
 * @param {string} folder
 * @param {import("./ledger.mjs").Ledger} ledger
 * @returns {Promise<SessionFacts>}
 */
export async function readSession(folder, ledger) {
  /** @type {SessionFacts} */
  const facts = { exchanges: 0, messages: 0, unended: 0, errors: new Map(), kinds: new Map(), problems: [] };
  const open = new Set();
  const ended = new Set();
  /** @type {Map<number, any>} */
  const byNumber = new Map();
  for await (const text of createInterface({ input: createReadStream(join(folder, "exchanges.jsonl")) })) {
    const line = JSON.parse(text);
    if (line.type === "open") open.add(line.id);
    if (line.type === "websocket-message") facts.messages++;
    if (line.type !== "exchange") continue;
    facts.exchanges++;
    facts.kinds.set(line.kind, (facts.kinds.get(line.kind) ?? 0) + 1);
    if (ended.has(line.id)) facts.problems.push(`exchange ${line.id} ended twice`);
    ended.add(line.id);
    if (line.error !== undefined)
      facts.errors.set(line.error.code, (facts.errors.get(line.error.code) ?? 0) + 1);
    const number = Number(/[?&]id=(\d+)/.exec(line.request.url)?.[1] ?? 0);
    if (number === 0) continue;
    if (byNumber.has(number)) facts.problems.push(`request #${number} was recorded twice`);
    byNumber.set(number, line);
  }
  facts.unended = [...open].filter((id) => !ended.has(id)).length;
  for (const code of ["stopped", "recorder-died", "internal", "loop"])
    if (facts.errors.has(code))
      facts.problems.push(`${facts.errors.get(code)} exchanges with the error ${code}`);
  compare(ledger, byNumber, facts.problems);
  return facts;
}

/**
 * @param {import("./ledger.mjs").Ledger} ledger
 * @param {Map<number, any>} recorded
 * @param {string[]} problems
 */
function compare(ledger, recorded, problems) {
  for (const [id, { kind, outcome, status, length }] of ledger.entries) {
    const line = recorded.get(id);
    // Only a request that got an answer must have reached the proxy.
    if (line === undefined) {
      if (status !== 0) problems.push(`${kind} #${id}: ${outcome} for the client, not recorded`);
      continue;
    }
    if (outcome === "gateway" && line.error === undefined)
      problems.push(`${kind} #${id}: the proxy's own answer, recorded without an error`);
    if (outcome !== "whole" && outcome !== "cut") continue;
    // What the proxy saw of a client that left at any moment may be either.
    if (kind.startsWith("h2 leaves") || kind.startsWith("h2 cancels")) continue;
    // A client that has counted all its bytes may leave before an HTTP/2 origin ends its stream.
    const hasAll = outcome === "whole" && line.response?.body.size === length;
    if (hasAll && kind.includes("to h2") && line.error?.code === "client-closed") continue;
    // Node takes a reset with NO_ERROR for an end.
    if (outcome === "whole" && line.error?.message.endsWith("(NO_ERROR)")) continue;
    if (status === 200 && line.response?.status !== status)
      problems.push(`${kind} #${id}: ${status} for the client, ${line.response?.status} recorded`);
    const early = kind.endsWith(" early");
    if (outcome === "whole" && status === 200 && line.response?.body.size !== length)
      problems.push(`${kind} #${id}: ${length} bytes for the client, ${line.response?.body.size} recorded`);
    if (outcome === "whole" && status === 200 && !early && line.error !== undefined)
      problems.push(
        `${kind} #${id}: whole for the client, recorded as ${line.error.code} (${line.error.message})`,
      );
    if (outcome === "cut" && line.error === undefined)
      problems.push(`${kind} #${id}: cut for the client, recorded as whole`);
  }
}
