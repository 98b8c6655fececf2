// The mix: as many clients as are allowed at a time, each doing one thing that chance picks, until the time is over.
import { Activity } from "./activity.mjs";
import { askInTurn, pipeline } from "./http1-client.mjs";
import { askAtOnce } from "./http2-client.mjs";
import * as rude from "./rude-clients.mjs";
import { callGrpc, listenToEvents } from "./stream-clients.mjs";
import * as tasks from "./tasks.mjs";
import { echoInTunnel, halfClose } from "./tunnel-clients.mjs";
import { echo } from "./websocket-client.mjs";

/**
 * @typedef {{ plain: number, tls: number, http2: number, onlyHttp2: number, shaky: number, shakyHttp2: number, echo: number, greeter: number }} OriginPorts
 *
 * @typedef {object} Context
 * @property {number} proxyPort
 * @property {import("node:tls").SecureContext} trust the proxy's CA
 * @property {OriginPorts} origin
 * @property {number} closedPort nobody listens there
 * @property {import("./random.mjs").Random} random
 * @property {import("./ledger.mjs").Ledger} ledger
 * @property {Activity} activity what this client does
 *
 * @typedef {Omit<Context, "activity">} World
 */

/** An activity that was told to stop has stopped by then, or it is pending for good. */
const STOP_MS = 5_000;

/**
 * @template T
 * @param {number} count
 * @param {() => T} make
 */
const times = (count, make) => Array.from({ length: count }, make);

/** @type {readonly (readonly [weight: number, name: string, run: (context: Context) => Promise<void>])[]} */
const ACTIVITIES = [
  [10, "kept-alive", (context) => http1(context, context.random.between(2, 20), tasks.wellBehaved)],
  [8, "new connection", (context) => http1(context, 1, tasks.wellBehaved)],
  [4, "http/1.1 faults", faults],
  [2, "shaky http/1.1", (context) => http1(context, context.random.between(1, 10), tasks.shaky, "shaky")],
  [3, "pipelining", pipelined],
  [8, "http/2", (context) => http2(context, context.random.between(1, 60), tasks.wellBehaved)],
  [
    3,
    "http/2 faults",
    (context) => http2(context, 4, (...by) => tasks.streamFault(...by, { translated: false })),
  ],
  [2, "http/2 faults to http/1.1", translatedFaults],
  [2, "shaky http/2", (context) => http2(context, 8, tasks.sessionFault, "shakyHttp2")],
  [2, "http/2 client leaves", http2Leaves],
  [2, "http/2 client cancels", http2Cancels],
  [
    2,
    "http/1.1 to http/2",
    (context) => http1(context, context.random.between(1, 8), tasks.wellBehaved, "onlyHttp2"),
  ],
  [3, "grpc", (context) => callGrpc(context, { authority: at(context.origin.http2) })],
  [2, "events", (context) => listenToEvents(context, { authority: at(context.origin.tls), http2: false })],
  [
    2,
    "events over http/2",
    (context) => listenToEvents(context, { authority: at(context.origin.http2), http2: true }),
  ],
  [
    3,
    "tunnel",
    (context) => echoInTunnel(context, { authority: at(context.origin.echo), speaksFirst: false }),
  ],
  [
    1,
    "tunnel, server first",
    (context) => echoInTunnel(context, { authority: at(context.origin.greeter), speaksFirst: true }),
  ],
  [2, "half-close", (context) => halfClose(context, { authority: at(context.origin.plain) })],
  [0.1, "big body", (context) => http1(context, 1, tasks.big)],
  [0.1, "big body over http/2", (context) => http2(context, 2, tasks.big)],
  [4, "wss", (context) => echo(context, { authority: at(context.origin.tls), secure: true })],
  [2, "ws", (context) => echo(context, { authority: at(context.origin.plain), secure: false })],
  [2, "slow reader", slowReader],
  [1, "stops reading", (context) => rude.stopReading(context, at(context.origin.tls))],
  [2, "leaves after CONNECT", (context) => rude.leaveAfterConnect(context, at(anyPort(context)))],
  [2, "leaves in the handshake", (context) => rude.leaveInHandshake(context, at(anyPort(context)))],
  [5, "leaves in the exchange", leavesInExchange],
  [2, "distrust", (context) => rude.distrust(context, at(context.origin.tls))],
  [2, "garbage", rude.garbage],
  [2, "garbage in a tunnel", (context) => rude.garbageInTunnel(context, at(anyPort(context)))],
  [1, "refused", (context) => rude.askNobody(context, at(context.closedPort))],
  [1, "no address", (context) => rude.askNobody(context, "soak.invalid:443")],
  [0.3, "silence", (context) => http1(context, 1, tasks.silence, "tls")],
];

/**
 * @param {World} world
 * @param {{ concurrency: number, only: string, until: number }} limits `until` by performance.now(); `only`
 *   the activities with this in their name
 * @returns {Promise<string[]>} what did not end, although its time was over: each with what it waits for
 */
export async function runClients(world, { concurrency, only, until }) {
  const mix = ACTIVITIES.filter(([, name]) => name.includes(only)).map(
    ([weight, ...activity]) => /** @type {const} */ ([weight, activity]),
  );
  /** @type {Set<Activity>} */
  const pending = new Set();
  const worker = async () => {
    while (performance.now() < until) {
      const [name, run] = world.random.weighted(mix);
      const activity = new Activity(name);
      pending.add(activity);
      const running = run({ ...world, activity }).then(
        () => true,
        (error) => {
          world.ledger.fail(`${name}: ${error.message ?? error}`);
          return true;
        },
      );
      if (await Promise.race([running, stopped(activity)])) pending.delete(activity);
      activity.over();
    }
  };
  await Promise.all(times(concurrency, worker));
  return [...pending].map((activity) => activity.state);
}

/**
 * @param {Activity} activity
 * @returns {Promise<false>} when the activity's time is over, and the time to stop as well
 */
function stopped({ signal }) {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => setTimeout(() => resolve(false), STOP_MS));
  });
}

/** @param {number} port */
const at = (port) => `localhost:${port}`;

/** @param {Context} context */
const anyPort = ({ random, origin }) => random.pick([origin.plain, origin.tls, origin.http2]);

/**
 * @param {Context} context
 * @param {number} count
 * @param {(random: Context["random"], ledger: Context["ledger"]) => import("./tasks.mjs").Task} make
 * @param {"tls" | "onlyHttp2" | "shaky"} [listener]
 */
async function http1(context, count, make, listener) {
  const { random, ledger, origin } = context;
  const secure = listener !== undefined || random.chance(0.7);
  const authority = at(listener === undefined ? (secure ? origin.tls : origin.plain) : origin[listener]);
  const via = `${secure ? "https" : "http"}${listener === "onlyHttp2" ? " to h2" : listener === "shaky" ? " shaky" : ""}`;
  await askInTurn(context, { authority, secure, via, tasks: times(count, () => make(random, ledger)) });
}

/** @param {Context} context */
async function faults(context) {
  const { random, ledger, origin } = context;
  const secure = random.chance(0.7);
  const list = times(random.between(1, 4), () =>
    (random.chance(0.3) ? tasks.wellBehaved : tasks.fault)(random, ledger),
  );
  const authority = at(secure ? origin.tls : origin.plain);
  await askInTurn(context, { authority, secure, via: secure ? "https" : "http", tasks: list });
}

/** @param {Context} context */
async function translatedFaults(context) {
  await http1(context, 2, (...by) => tasks.streamFault(...by, { translated: true }), "onlyHttp2");
}

/** @param {Context} context */
async function pipelined(context) {
  const { random, ledger, origin } = context;
  const list = times(random.between(2, 12), () => {
    const id = ledger.newId();
    const length = random.size(50_000);
    const expected = /** @type {const} */ (["whole"]);
    const path = `/body?id=${id}&length=${length}&framing=length`;
    return { id, kind: "pipelined", path, method: "GET", upload: -1, length, expected };
  });
  await pipeline(context, { authority: at(origin.tls), via: "https", tasks: list });
}

/**
 * @param {Context} context
 * @param {number} count
 * @param {(random: Context["random"], ledger: Context["ledger"]) => import("./tasks.mjs").Task} make
 * @param {"http2" | "shakyHttp2"} [listener]
 */
async function http2(context, count, make, listener = "http2") {
  const { random, ledger, origin } = context;
  const via = listener === "http2" ? "h2" : "h2 shaky";
  await askAtOnce(context, {
    authority: at(origin[listener]),
    via,
    tasks: times(count, () => make(random, ledger)),
    pauseMs: random.chance(0.1) ? 5 : 0,
  });
}

/** @param {Context} context */
async function http2Leaves(context) {
  const { random, ledger, origin } = context;
  await askAtOnce(context, {
    authority: at(origin.http2),
    via: "h2 leaves",
    tasks: times(20, () => ({
      ...tasks.wellBehaved(random, ledger),
      expected: /** @type {const} */ (["whole", "cut", "refused"]),
    })),
    leaveAfterMs: random.between(0, 100),
  });
}

/** @param {Context} context */
async function http2Cancels(context) {
  const { random, ledger, origin } = context;
  await askAtOnce(context, {
    authority: at(origin.http2),
    via: "h2 cancels",
    tasks: times(20, () => ({
      ...tasks.wellBehaved(random, ledger),
      expected: /** @type {const} */ (["whole", "cut", "refused"]),
    })),
    cancelWithinMs: 100,
  });
}

/** @param {Context} context */
async function slowReader(context) {
  const { random, ledger, origin } = context;
  const list = [tasks.wellBehaved(random, ledger)];
  await askInTurn(context, {
    authority: at(origin.tls),
    secure: true,
    via: "slow",
    tasks: list,
    pauseMs: 10,
  });
}

/** @param {Context} context */
async function leavesInExchange(context) {
  const secure = context.random.chance(0.6);
  await rude.leaveInExchange(context, { authority: at(context.origin[secure ? "tls" : "plain"]), secure });
}
