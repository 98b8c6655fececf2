// The soak's WebSocket clients: an echo of every message, then an end by either side, orderly or not.
import { once } from "node:events";
import WebSocket from "ws";
import { PATIENCE_MS } from "./answer.mjs";
import { dialTls, dialTunnel } from "./dial.mjs";
import { whole } from "./pattern.mjs";

const CODES = [1000, 1001, 1008, 1011, 3000, 4999];
const ABNORMAL = 1006;

/**
 * @param {import("./clients.mjs").Context} context
 * @param {{ authority: string, secure: boolean }} plan
 */
export async function echo(context, { authority, secure }) {
  const { random, ledger, activity, trust } = context;
  const id = ledger.newId();
  const messages = random.between(1, 20);
  const end = random.pick(["client", "server", "abrupt", "vanish"]);
  const code = random.pick(CODES);
  const compressed = random.chance(0.5);
  const socket = secure
    ? await dialTls(context, authority, { trust, alpn: ["http/1.1"] })
    : await dialTunnel(context, authority);
  const url = `${secure ? "wss" : "ws"}://${authority}/websocket?id=${id}&messages=${messages}&end=${end}&code=${code}`;
  const websocket = new WebSocket(url, { createConnection: () => socket, perMessageDeflate: compressed });
  const timer = setTimeout(() => websocket.terminate(), PATIENCE_MS);
  let problem = "";
  let status = 0;
  websocket.on("upgrade", (response) => {
    status = response.statusCode ?? 0;
  });
  websocket.on("error", (error) => {
    problem ||= error.message;
  });
  const closed = once(websocket, "close").catch(() => [ABNORMAL]);
  const talk = async () => {
    await once(websocket, "open");
    for (let i = 0; i < messages; i++) {
      const sent = whole(id + i, random.size(random.chance(0.05) ? 1 << 20 : 20_000));
      const received = once(websocket, "message");
      websocket.send(sent);
      const [data] = await received;
      if (!sent.equals(data)) problem ||= `message ${i} came back as ${data.length} bytes of ${sent.length}`;
    }
    if (end === "client") websocket.close(code, "as planned");
    if (end === "vanish") socket.destroy();
  };
  talk().catch(() => {});
  const [closeCode] = await activity.waitFor(
    () => `${url}: its close (${problem || "no problem so far"})`,
    closed,
  );
  clearTimeout(timer);
  socket.destroy();
  const expected = end === "client" || end === "server" ? code : ABNORMAL;
  if (closeCode !== expected && problem === "") problem = `closed with ${closeCode}, not ${expected}`;
  /** @type {import("./ledger.mjs").Outcome} */
  const outcome = problem === "" && status === 101 ? "whole" : "wrong";
  const kind = `${secure ? "wss" : "ws"} ended by ${end}`;
  ledger.add(id, { kind, outcome, status, length: 0, mayRepeat: false }, ["whole"], problem);
}
