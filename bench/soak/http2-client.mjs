// The soak's HTTP/2 clients: many streams on one connection, some of which the client resets.
import http2 from "node:http2";
import { Readable } from "node:stream";
import { Answer, PATIENCE_MS, readAnswer } from "./answer.mjs";
import { dialTls } from "./dial.mjs";
import { pieces } from "./pattern.mjs";

/** A reset may come after the end that Node makes of it. */
const RESET_MS = 1_000;
const CANCEL = http2.constants.NGHTTP2_CANCEL;

/**
 * @typedef {import("./tasks.mjs").Task} Task
 * @typedef {import("./clients.mjs").Context} Context
 */

/**
 * @param {Context} context
 * @param {{ authority: string, via: string, tasks: readonly Task[], pauseMs?: number, leaveAfterMs?: number, cancelWithinMs?: number }} plan
 *   with `leaveAfterMs` the client ends the connection then, whatever is under way; with `cancelWithinMs` it
 *   resets each stream within so long
 */
export async function askAtOnce(
  context,
  { authority, via, tasks, pauseMs = 0, leaveAfterMs, cancelWithinMs },
) {
  const socket = await dialTls(context, authority, {
    trust: context.trust,
    alpn: ["h2", "http/1.1"],
  });
  if (socket.alpnProtocol !== "h2") {
    context.ledger.fail(`${via}: offered ${socket.alpnProtocol} for an origin that speaks HTTP/2`);
    socket.destroy();
    return;
  }
  const session = http2.connect(`https://${authority}`, { createConnection: () => socket });
  session.on("error", () => {});
  const timer = leaveAfterMs === undefined ? undefined : setTimeout(() => session.destroy(), leaveAfterMs);
  try {
    const answers = await Promise.all(
      tasks.map((task) => {
        const cancelMs = cancelWithinMs === undefined ? undefined : context.random.between(0, cancelWithinMs);
        return ask(context.activity, session, { task, pauseMs, via, cancelMs });
      }),
    );
    if (leaveAfterMs !== undefined || cancelWithinMs !== undefined)
      for (const answer of answers) answer.broken ||= !answer.isWhole;
    for (const answer of answers) answer.enter(context.ledger, via);
  } finally {
    clearTimeout(timer);
    session.destroy();
    socket.destroy();
  }
}

/**
 * @param {import("./activity.mjs").Activity} activity
 * @param {http2.ClientHttp2Session} session
 * @param {{ task: Task, pauseMs: number, via: string, cancelMs: number | undefined }} plan
 * @returns {Promise<Answer>}
 */
async function ask(activity, session, { task, pauseMs, via, cancelMs }) {
  const answer = new Answer(task);
  if (session.destroyed || session.closed) return answer;
  const stream = session.request(
    { ":path": task.path, ":method": task.method, "x-soak-id": String(task.id) },
    { endStream: task.upload < 0 },
  );
  // Not before: Node can give the body's first bytes before it tells of the response, were they listened for.
  const response = new Promise((resolve) => {
    stream.once("response", (headers) => {
      answer.begin(Number(headers[":status"]), headers);
      resolve(readAnswer(stream, answer, pauseMs));
    });
    stream.once("error", (error) => {
      answer.error ||= error.message;
    });
    stream.once("close", resolve);
  });
  const timer = setTimeout(() => stream.destroy(), PATIENCE_MS);
  // A response that is whole before the request is: Node never closes a stream that was then reset with NO_ERROR (RFC 9113
  // section 8.1) while it still had something to send.
  stream.once("end", () => {
    const late = setTimeout(() => stream.destroy(), RESET_MS);
    stream.once("close", () => clearTimeout(late));
  });
  const cancel = cancelMs === undefined ? undefined : setTimeout(() => stream.close(CANCEL), cancelMs);
  if (task.upload >= 0)
    Readable.from(pieces(task.id, task.upload))
      .on("error", () => {})
      .pipe(stream);
  await activity.waitFor(() => `${via} ${answer.state}`, response);
  clearTimeout(timer);
  clearTimeout(cancel);
  answer.resetCode = stream.rstCode;
  // Node ends the readable side of a stream that was reset, or of which the session was, as well.
  if (stream.rstCode !== 0 || (stream.aborted && answer.status === 200))
    answer.broken ||= !answer.isWhole || stream.rstCode !== 0;
  return answer;
}
