// The soak's clients of streams: server-sent events over either version of HTTP, and gRPC calls.
import http2 from "node:http2";
import { dialTls } from "./dial.mjs";
import { whole } from "./pattern.mjs";

const PREFIX_BYTES = 5;

/** @typedef {import("./clients.mjs").Context} Context */

/**
 * Listens to events until they end, or leaves before: then the origin has to hear of it, or it sends for ever.
 * @param {Context} context
 * @param {{ authority: string, http2: boolean }} plan
 */
export async function listenToEvents(context, { authority, http2: overHttp2 }) {
  const { random, ledger, activity, trust } = context;
  const id = ledger.newId();
  const leaves = random.chance(0.6);
  const count = random.between(1, 40);
  const path = `/events?id=${id}&length=0&count=${leaves ? 0 : count}`;
  const socket = await dialTls(context, authority, { trust, alpn: overHttp2 ? ["h2"] : ["http/1.1"] });
  let text = "";
  const seen = () => text.split("data: ").length - 1;
  const done = new Promise((resolve) => {
    const feed = (/** @type {Buffer} */ chunk) => {
      text += chunk.toString("latin1");
      if (leaves ? seen() >= count : text.includes("data: over")) resolve(true);
    };
    socket.on("close", () => resolve(false));
    if (!overHttp2) {
      socket.on("data", feed);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      return;
    }
    const session = http2.connect(`https://${authority}`, { createConnection: () => socket });
    session.on("error", () => {});
    const stream = session.request({ ":path": path, "x-soak-id": String(id) });
    stream.on("error", () => {});
    stream.on("data", feed);
    stream.on("close", () => resolve(false));
  });
  const clean = await activity.waitFor(() => `event ${seen() + 1} of ${count} of #${id}`, done);
  if (random.chance(0.5)) /** @type {any} */ (socket)._parent?.resetAndDestroy();
  socket.destroy();
  const kind = `${overHttp2 ? "h2" : "https"} events${leaves ? ", left" : ""}`;
  ledger.count(kind, clean ? "whole" : "cut");
  if (!clean) ledger.fail(`${kind} #${id}: ended after ${seen()} of ${count}`);
}

/**
 * Calls that send a message when the one before has come back, several on a connection.
 * @param {Context} context
 * @param {{ authority: string }} plan
 */
export async function callGrpc(context, { authority }) {
  const { random, activity, trust } = context;
  const socket = await dialTls(context, authority, { trust, alpn: ["h2"] });
  const session = http2.connect(`https://${authority}`, { createConnection: () => socket });
  session.on("error", () => {});
  const calls = Array.from({ length: random.between(1, 8) }, () => call(context, session));
  await activity.waitFor(() => "gRPC calls", Promise.all(calls));
  session.destroy();
  socket.destroy();
}

/**
 * @param {Context} context
 * @param {http2.ClientHttp2Session} session
 */
async function call({ random, ledger, activity }, session) {
  const id = ledger.newId();
  const end = random.weighted([
    [6, "trailers"],
    [1, "reset"],
    [1, "cancelled"],
  ]);
  const status = String(random.pick([0, 0, 0, 5, 13]));
  const messages = Array.from({ length: random.between(1, 12) }, (_, i) => message(id + i, random));
  const path = `/grpc?id=${id}&length=0&status=${status}&end=${end}`;
  const stream = session.request(
    { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" },
    { endStream: false },
  );
  const expected = Buffer.concat(messages);
  let came = 0;
  let sent = 0;
  let intact = true;
  let trailer = "";
  const next = () => {
    const following = messages[sent];
    if (following === undefined) stream.end();
    else {
      sent++;
      stream.write(following);
      if (end === "cancelled" && sent > messages.length / 2) stream.close(http2.constants.NGHTTP2_CANCEL);
    }
  };
  const closed = new Promise((resolve) => {
    stream.on("close", () => resolve(undefined));
  });
  stream.on("error", () => {});
  stream.on("trailers", (trailers) => {
    trailer = String(trailers["grpc-status"]);
  });
  let due = messages[0]?.length ?? 0;
  stream.on("data", (/** @type {Buffer} */ chunk) => {
    intact &&= chunk.equals(expected.subarray(came, came + chunk.length));
    came += chunk.length;
    if (came < due) return;
    due += messages[sent]?.length ?? 0;
    next();
  });
  next();
  const state = () =>
    `gRPC #${id} (${end}): ${came} of ${expected.length} bytes, grpc-status ${trailer || "none"}`;
  await activity.waitFor(state, closed);
  const whole = came === expected.length && trailer === status;
  const right = intact && (end === "trailers" ? whole : trailer === "");
  ledger.count(`gRPC, ${end}`, right ? "whole" : "wrong");
  if (!right) ledger.fail(`${state()}, reset with ${stream.rstCode}`);
}

/**
 * @param {number} id
 * @param {import("./random.mjs").Random} random
 */
function message(id, random) {
  const body = whole(id, random.size(30_000));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}
