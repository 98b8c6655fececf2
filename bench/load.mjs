// The load generator, a process of its own: runs one job, with a warm-up that is not counted. Forked by window.mjs.
// Never dials more connections than the job says: one that breaks is an error and is not replaced.
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { Connection } from "./connection.mjs";
import { Http2Connection } from "./http2-connection.mjs";
import { Tally } from "./tally.mjs";

/**
 * @typedef {object} Job
 * @property {"kept-alive" | "http2" | "new-connection" | "new-host"} kind http2: one connection with `connections` streams at
 *   once; kept-alive: `connections` of them, each asking again
 *   and again; new-connection: as many at a time, each closed after one request; new-host: one after the other, each
 *   to a host that was never asked before
 * @property {number} connections
 * @property {string} path what to ask for
 * @property {number} bytes what each body must measure
 * @property {number} requests the counted ones
 * @property {{ requests: number, path: string, bytes: number }} warmUp
 * @property {boolean} [connectionClose] announce in every request that it is the last one of its connection
 * @property {number} [progressEvery] send { progress } after so many counted requests
 *
 * @typedef {object} Route
 * @property {number} dialPort
 * @property {boolean} tunnel
 * @property {string} host
 * @property {number} port
 * @property {string} ca path of the PEM file to trust
 */

process.send?.({ ready: true });
process.once("message", (/** @type {{ job: Job, route: Route }} */ { job, route }) => {
  run(job, route).then(
    () => process.disconnect(),
    (error) => {
      process.send?.({ failed: String(error) });
      process.disconnect();
    },
  );
});

/**
 * @param {Job} job
 * @param {Route} route
 */
async function run(job, route) {
  const target = {
    ...route,
    connectionClose: job.connectionClose ?? false,
    trust: createSecureContext({ ca: readFileSync(route.ca), minVersion: "TLSv1.3" }),
  };
  const worker = {
    "kept-alive": keptAlive,
    http2: streams,
    "new-connection": newConnection,
    "new-host": newHost,
  }[job.kind](job, target);
  const warmUp = await worker({ ...job.warmUp, progressEvery: 0 });
  if (warmUp.errors > 0) throw new Error(`in the warm-up: ${warmUp.firstError}`);
  process.send?.({ warm: true });
  await new Promise((resolve) => process.once("message", resolve));
  const { path, bytes, requests, progressEvery = 0 } = job;
  process.send?.({ result: await worker({ path, bytes, requests, progressEvery }) });
}

/** @typedef {import("./tally.mjs").Lap} Lap */
/** @typedef {(lap: Lap) => Promise<import("./tally.mjs").LoadResult>} Worker */

/**
 * @param {Job} job
 * @param {import("./connection.mjs").Target} target
 * @returns {Worker}
 */
function keptAlive(job, target) {
  /** @type {Connection[] | null} opened in the warm-up, used to the end */
  let connections = null;
  return async (lap) => {
    const tally = new Tally(lap);
    connections ??= await Promise.all(Array.from({ length: job.connections }, () => tally.dial(target)));
    await Promise.all(
      connections.map(async (connection) => {
        while (tally.take()) {
          const start = performance.now();
          try {
            const answer = await connection.get(lap.path);
            tally.count(answer, performance.now() - start);
          } catch (error) {
            tally.fail(error);
            return;
          }
        }
      }),
    );
    return tally.result();
  };
}

/**
 * @param {Job} job
 * @param {import("./connection.mjs").Target} target
 * @returns {Worker}
 */
function streams(job, target) {
  /** @type {Http2Connection | null} opened in the warm-up, used to the end */
  let connection = null;
  return async (lap) => {
    const tally = new Tally(lap);
    connection ??= await Http2Connection.open(target);
    const session = connection;
    const one = async () => {
      while (tally.take()) {
        const start = performance.now();
        try {
          tally.count(await session.get(lap.path), performance.now() - start);
        } catch (error) {
          tally.fail(error);
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: job.connections }, one));
    return tally.result();
  };
}

/**
 * @param {Job} job
 * @param {import("./connection.mjs").Target} target
 * @returns {Worker}
 */
function newConnection(job, target) {
  return async (lap) => {
    const tally = new Tally(lap);
    const one = async () => {
      while (tally.take()) await single(tally, target, lap.path, () => performance.now());
    };
    await Promise.all(Array.from({ length: job.connections }, one));
    return tally.result();
  };
}

/**
 * @param {Job} _job
 * @param {import("./connection.mjs").Target} target
 * @returns {Worker}
 */
function newHost(_job, target) {
  let host = 0;
  return async (lap) => {
    const tally = new Tally(lap);
    while (tally.take()) {
      const unseen = { ...target, host: `127.0.1.${++host}` };
      await single(tally, unseen, lap.path, (answer) => answer.firstByteAt);
    }
    return tally.result();
  };
}

/**
 * One request on a connection of its own, timed from the dial.
 * @param {Tally} tally
 * @param {import("./connection.mjs").Target} target
 * @param {string} path
 * @param {(answer: import("./connection.mjs").Answer) => number} until
 */
async function single(tally, target, path, until) {
  const start = performance.now();
  try {
    const connection = await tally.dial(target);
    const answer = await connection.get(path);
    tally.count(answer, until(answer) - start);
    connection.close();
  } catch (error) {
    tally.fail(error);
  }
}
