// The soak's clients of what is no HTTP: bytes through a tunnel, with half-closes, and a half-close behind a request.
import { setTimeout as sleep } from "node:timers/promises";
import { AnswerReader } from "./answer-reader.mjs";
import { dialProxy, dialTunnel } from "./dial.mjs";
import { pieces, whole } from "./pattern.mjs";

const GREETING = "220 soak\r\n";
/** Neither TLS nor HTTP begins so. */
const PREFIX = Buffer.from([0, 1, 2, 3]);

/**
 * Bytes to a service that sends them back, ended by a half-close, which it answers with its own end.
 * @param {import("./clients.mjs").Context} context
 * @param {{ authority: string, speaksFirst: boolean }} plan
 */
export async function echoInTunnel(context, { authority, speaksFirst }) {
  const { random, ledger, activity } = context;
  const id = ledger.newId();
  const length = random.size(random.chance(0.1) ? 4 << 20 : 50_000);
  const leaves = random.chance(0.2);
  const socket = await dialTunnel(context, authority, { allowHalfOpen: true });
  const expected = Buffer.concat([Buffer.from(speaksFirst ? GREETING : ""), PREFIX, whole(id, length)]);
  let came = 0;
  let intact = true;
  let begin = () => {};
  const greeted = new Promise((resolve) => {
    begin = () => resolve(undefined);
  });
  const ended = new Promise((resolve) => {
    socket.on("data", (chunk) => {
      intact &&= chunk.equals(expected.subarray(came, came + chunk.length));
      came += chunk.length;
      begin();
    });
    socket.on("end", () => resolve(true));
    socket.on("close", () => resolve(false));
  });
  const state = () => `the echo #${id}: ${came} of ${expected.length} bytes`;
  if (speaksFirst) await activity.waitFor(state, Promise.race([greeted, ended]));
  socket.write(PREFIX);
  for (const piece of pieces(id, length)) socket.write(piece);
  if (leaves) {
    await sleep(random.between(0, 50));
    if (random.chance(0.5)) socket.resetAndDestroy();
  } else socket.end();
  const clean = leaves || (await activity.waitFor(state, ended));
  socket.destroy();
  const right = intact && clean && (leaves || came === expected.length);
  const kind = `tunnel${speaksFirst ? ", server first" : ""}${leaves ? ", left" : ""}`;
  ledger.count(kind, right ? "whole" : "wrong");
  if (!right)
    ledger.fail(`${kind}: ${state()}, ${intact ? "intact" : "not intact"}, ${clean ? "ended" : "broken"}`);
}

/**
 * Ends its side right behind its request; the answer comes all the same.
 * @param {import("./clients.mjs").Context} context
 * @param {{ authority: string }} plan
 */
export async function halfClose(context, { authority }) {
  const { random, ledger, activity } = context;
  const id = ledger.newId();
  const length = random.size(200_000);
  const path = `/${random.pick(["body", "stall"])}?id=${id}&length=${length}&framing=length&stall=100`;
  const expected = /** @type {const} */ (["whole"]);
  const task = { id, kind: "half-closed", path, method: "GET", upload: -1, length, expected };
  const socket = await dialProxy(context, { allowHalfOpen: true });
  const reader = new AnswerReader([task]);
  const ended = new Promise((resolve) => {
    socket.on("data", (chunk) => reader.feed(chunk));
    socket.on("end", resolve);
    socket.on("close", resolve);
  });
  socket.end(`GET http://${authority}${path} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  await activity.waitFor(() => reader.state, ended);
  socket.destroy();
  for (const answer of reader.answers) answer.enter(ledger, "http");
}
