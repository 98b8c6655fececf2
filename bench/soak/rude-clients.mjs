// Clients of the soak that do not do as they should: they leave at any moment, distrust the CA, send garbage, or ask for
// hosts that are not there.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls, createSecureContext } from "node:tls";
import { dialProxy, dialTls, dialTunnel } from "./dial.mjs";
import { askInTurn } from "./http1-client.mjs";
import { whole } from "./pattern.mjs";

/** @typedef {import("./clients.mjs").Context} Context */

const PATIENCE_MS = 30_000;
const NO_TRUST = createSecureContext({ ca: [] });

/**
 * Ends a connection in one of the ways in which connections end.
 * @param {Context} context
 * @param {import("node:net").Socket} socket
 */
function leave({ random }, socket) {
  const how = random.pick(["end", "destroy", "reset"]);
  if (how === "end") socket.end();
  if (how === "reset") socket.resetAndDestroy();
  // After an end as well: what comes afterwards is of no interest.
  setTimeout(() => socket.destroy(), how === "end" ? 200 : 0);
}

/**
 * @param {Context} context
 * @param {string} authority
 */
export async function leaveAfterConnect(context, authority) {
  const socket = await dialProxy(context);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const answered = once(socket, "data").catch(() => {});
  if (context.random.chance(0.5)) await context.activity.waitFor(() => "the answer to CONNECT", answered);
  if (context.random.chance(0.2)) await sleep(context.random.between(400, 700));
  leave(context, socket);
  context.ledger.count("left after CONNECT", "left");
}

/**
 * @param {Context} context
 * @param {string} authority
 */
export async function leaveInHandshake(context, authority) {
  const socket = await dialTunnel(context, authority);
  const alpn = context.random.chance(0.5) ? ["h2", "http/1.1"] : ["http/1.1"];
  const secure = connectTls({
    socket,
    servername: "localhost",
    secureContext: context.trust,
    ALPNProtocols: alpn,
  });
  secure.on("error", () => secure.destroy());
  await sleep(context.random.between(0, 8));
  leave(context, socket);
  secure.destroy();
  context.ledger.count("left in the TLS handshake", "left");
}

/**
 * @param {Context} context
 * @param {string} authority
 */
export async function distrust(context, authority) {
  try {
    const socket = await dialTls(context, authority, { trust: NO_TRUST, alpn: ["http/1.1"] });
    socket.destroy();
    context.ledger.fail("a client without the CA accepted the proxy's certificate");
  } catch {
    context.ledger.count("distrusts the CA", "refused");
  }
}

/**
 * Leaves in the middle of a request or of its response.
 * @param {Context} context
 * @param {{ authority: string, secure: boolean }} plan
 */
export async function leaveInExchange(context, { authority, secure }) {
  const { random, ledger, trust } = context;
  const socket = secure
    ? await dialTls(context, authority, { trust, alpn: ["http/1.1"] })
    : await dialTunnel(context, authority);
  const id = ledger.newId();
  const length = random.size(4 << 20);
  const upload = random.chance(0.5) ? random.size(4 << 20) : -1;
  const kind = upload === -1 ? random.pick(["body", "stall", "trickle"]) : "upload";
  const path = `/${kind}?id=${id}&length=${length}&stall=300&upload=${upload}`;
  const body = upload === -1 ? Buffer.alloc(0) : whole(id, upload);
  const request = Buffer.concat([
    Buffer.from(
      `${upload === -1 ? "GET" : "POST"} ${path} HTTP/1.1\r\nHost: ${authority}\r\n` +
        `${upload === -1 ? "" : `Content-Length: ${upload}\r\n`}\r\n`,
    ),
    body,
  ]);
  socket.write(random.chance(0.5) ? request : request.subarray(0, random.between(1, request.length)));
  if (random.chance(0.6)) socket.resume();
  await sleep(random.between(0, 60));
  leave(context, /** @type {any} */ (socket)._parent ?? socket);
  if (secure) setTimeout(() => socket.destroy(), 200);
  const entry = {
    kind: "left in the exchange",
    outcome: /** @type {const} */ ("left"),
    status: 0,
    length: 0,
  };
  ledger.add(id, { ...entry, mayRepeat: false }, ["left"], "");
}

/** @param {Context} context */
export async function garbage(context) {
  const { random } = context;
  const socket = await dialProxy(context);
  const texts = [
    "GET\r\n\r\n",
    "\x16\x03\x01\xff\xffxxxx",
    "CONNECT nowhere HTTP/1.1\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    "POST http://127.0.0.1:1/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    `GET http://x/ HTTP/1.1\r\n${"a: b\r\n".repeat(30_000)}`,
    "\x05\x01\x00\x05\x01\x00\x03\x00",
    "\x04\x01",
  ];
  const bytes = random.chance(0.5)
    ? random.bytes(random.size(2_000))
    : Buffer.from(random.pick(texts), "latin1");
  socket.write(bytes);
  socket.resume();
  await sleep(random.between(1, 100));
  leave(context, socket);
  context.ledger.count("garbage", "left");
}

/**
 * Garbage inside of a tunnel, which passes as what it is: no HTTP.
 * @param {Context} context
 * @param {string} authority
 */
export async function garbageInTunnel(context, authority) {
  const socket = await dialTunnel(context, authority);
  socket.write(context.random.bytes(context.random.size(2_000)));
  socket.resume();
  await sleep(context.random.between(1, 100));
  leave(context, socket);
  context.ledger.count("garbage in a tunnel", "left");
}

/**
 * @param {Context} context
 * @param {string} authority of a host that refuses or has no address
 */
export async function askNobody(context, authority) {
  const { random, ledger } = context;
  const secure = random.chance(0.5);
  const id = ledger.newId();
  const expected = /** @type {const} */ (["gateway"]);
  const task = {
    id,
    kind: "unreachable",
    path: `/?id=${id}`,
    method: "GET",
    upload: -1,
    length: 0,
    expected,
  };
  await askInTurn(context, { authority, secure, via: secure ? "https" : "http", tasks: [task] });
}

/**
 * A response that is hardly read, and then not at all.
 * @param {Context} context
 * @param {string} authority
 */
export async function stopReading(context, authority) {
  const { random, ledger, trust } = context;
  const socket = await dialTls(context, authority, { trust, alpn: ["http/1.1"] });
  const id = ledger.newId();
  socket.write(`GET /body?id=${id}&length=${8 << 20} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  await context.activity.waitFor(() => "the response's first bytes", once(socket, "data"));
  socket.pause();
  await sleep(random.between(100, 1500));
  leave(context, /** @type {any} */ (socket)._parent ?? socket);
  setTimeout(() => socket.destroy(), 200);
  const entry = { kind: "stopped reading", outcome: /** @type {const} */ ("left"), status: 0, length: 0 };
  ledger.add(id, { ...entry, mayRepeat: true }, ["left"], "");
}
