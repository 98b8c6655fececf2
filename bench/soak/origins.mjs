// The processes of the soak's origin. What ends sessions of HTTP/2 in every way has one of its own, which is started again
// when it ends: node:http2 corrupts its heap now and then when a session is destroyed under load (Node 20).
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { forkUntilReady, stop } from "../process.mjs";
import { connections } from "./process-state.mjs";

/**
 * @typedef {object} OriginState
 * @property {string[]} connected what the other side has not ended: listener and port
 * @property {number[]} repeated requests that came more than once
 * @property {string[]} defects of its own
 *
 * @typedef {{ child: import("node:child_process").ChildProcess, ready: Record<string, number> }} Started
 */

const STEADY = ["plain", "tls", "http2", "onlyHttp2", "shaky", "echo", "greeter"];
const FRAGILE = ["shakyHttp2"];

export class Origins {
  #stopped = false;
  #steady;
  #fragile;
  /** How often the fragile one was started again. */
  restarts = 0;

  /**
   * @param {Started} steady
   * @param {Started} fragile
   * @param {(ports: Record<string, number>) => Promise<Started>} startFragile
   */
  constructor(steady, fragile, startFragile) {
    this.#steady = steady;
    this.#fragile = fragile;
    this.ports = { ...steady.ready, ...fragile.ready };
    const watch = () => {
      this.#fragile.child.once("exit", async () => {
        if (this.#stopped) return;
        this.restarts++;
        this.#fragile = await startFragile(fragile.ready);
        watch();
      });
    };
    watch();
  }

  /**
   * @param {{ cert: string, key: string }} certificate
   * @param {string} folder
   */
  static async start({ cert, key }, folder) {
    const fork = (/** @type {Record<string, number>} */ ports) =>
      forkUntilReady(
        "./soak/origin.mjs",
        [cert, key, JSON.stringify(ports)],
        mkdtempSync(join(folder, "origin-")),
      );
    const any = (/** @type {string[]} */ names) => fork(Object.fromEntries(names.map((name) => [name, 0])));
    return new Origins(await any(STEADY), await any(FRAGILE), fork);
  }

  /** @returns {Promise<OriginState>} of both together */
  async state() {
    const [steady, fragile] = await Promise.all([stateOf(this.#steady), stateOf(this.#fragile)]);
    return {
      connected: [this.#steady, this.#fragile].flatMap((started) => connected(started)),
      repeated: [...steady.repeated, ...fragile.repeated],
      defects: [...steady.defects, ...fragile.defects],
    };
  }

  async stop() {
    this.#stopped = true;
    await Promise.all([stop(this.#steady.child), stop(this.#fragile.child)]);
  }
}

/**
 * As the kernel sees it: Node keeps some connections whose peer has left (see stall.ts of the proxy).
 * @param {Started} started
 */
function connected({ child, ready }) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return [];
  const names = Object.fromEntries(Object.entries(ready).map(([name, port]) => [port, name]));
  return connections(child.pid)
    .filter((text) => text.includes(" ESTABLISHED,"))
    .map((text) => `${names[Number.parseInt(text, 10)] ?? ""} ${text}`);
}

/**
 * @param {Started} started
 * @returns {Promise<Omit<OriginState, "connected">>}
 */
async function stateOf({ child }) {
  if (!child.connected) return { repeated: [], defects: ["its process ended"] };
  const answer = once(child, "message");
  child.send({ state: true });
  const [state] = await answer;
  return state;
}
