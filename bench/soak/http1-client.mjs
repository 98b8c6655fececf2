// The soak's HTTP/1.1 clients: kept-alive, one request a connection, pipelining, plain HTTP and TLS.
import { Agent, request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { Answer, PATIENCE_MS, readAnswer } from "./answer.mjs";
import { AnswerReader } from "./answer-reader.mjs";
import { dialProxy, dialTls } from "./dial.mjs";
import { pieces } from "./pattern.mjs";

const RESET_MS = 100;

/**
 * @typedef {import("./tasks.mjs").Task} Task
 * @typedef {import("./clients.mjs").Context} Context
 */

/**
 * Asks one after the other on one connection, and on a new one where it was ended.
 * @param {Context} context
 * @param {{ authority: string, secure: boolean, via: string, tasks: readonly Task[], pauseMs?: number }} plan
 */
export async function askInTurn(context, { authority, secure, via, tasks, pauseMs = 0 }) {
  const { trust } = context;
  /** @type {import("node:net").Socket | undefined} */
  let socket;
  let agent = new Agent();
  try {
    for (const task of tasks) {
      if (socket === undefined || socket.destroyed || !socket.writable) {
        const dialled = secure
          ? await dialTls(context, authority, { trust, alpn: ["http/1.1"] })
          : await dialProxy(context);
        socket = dialled;
        agent.destroy();
        agent = new Agent({ keepAlive: true, maxSockets: 1 });
        Object.assign(agent, { createConnection: () => dialled });
      }
      const answer = new Answer(task);
      const plan = { authority, secure, task, pauseMs };
      await context.activity.waitFor(() => `${via} ${answer.state}`, ask(agent, answer, plan));
      answer.enter(context.ledger, via);
      // The end of a connection that a response announced may still be on its way.
      if (answer.outcome !== "whole") socket.destroy();
    }
  } finally {
    agent.destroy();
    socket?.destroy();
  }
}

/**
 * @param {Agent} agent
 * @param {Answer} answer
 * @param {{ authority: string, secure: boolean, task: Task, pauseMs: number }} plan
 * @returns {Promise<void>}
 */
function ask(agent, answer, { authority, secure, task, pauseMs }) {
  return new Promise((resolve) => {
    const framing = task.upload >= 0 && task.id % 2 === 0 ? { "content-length": task.upload } : {};
    const request = httpRequest({
      agent,
      method: task.method,
      path: secure ? task.path : `http://${authority}${task.path}`,
      headers: { host: authority, "x-soak-id": task.id, ...framing },
    });
    const timer = setTimeout(() => request.destroy(new Error("the client's patience ended")), PATIENCE_MS);
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    request.on("response", (response) => {
      answer.begin(response.statusCode ?? 0, response.headers);
      readAnswer(response, answer, pauseMs).then(() => {
        // An answer that came before the request was out: the rest of the request goes nowhere.
        if (!request.writableFinished) request.destroy();
        // Node may tell of a reset only after the end that it makes of it.
        if (answer.isWhole) over();
        else setTimeout(over, RESET_MS);
      });
    });
    request.on("error", (error) => {
      answer.error ||= error.message;
      // Its own giving up on an upload is no fault of a response that was whole.
      answer.broken ||= !answer.isWhole;
      if (answer.status === 0) over();
    });
    if (task.upload < 0) request.end();
    else
      Readable.from(pieces(task.id, task.upload))
        .on("error", () => {})
        .pipe(request);
  });
}

/**
 * Sends several requests at once on one connection; the answers come in their order.
 * @param {Context} context
 * @param {{ authority: string, via: string, tasks: readonly Task[] }} plan
 */
export async function pipeline(context, { authority, via, tasks }) {
  const socket = await dialTls(context, authority, { trust: context.trust, alpn: ["http/1.1"] });
  try {
    socket.write(tasks.map(({ path }) => `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`).join(""));
    const reader = new AnswerReader(tasks);
    const over = new Promise((resolve) => {
      socket.setTimeout(PATIENCE_MS, () => socket.destroy());
      socket.on("close", resolve);
      socket.on("data", (chunk) => {
        reader.feed(chunk);
        if (reader.done) socket.destroy();
      });
    });
    await context.activity.waitFor(() => reader.state, over);
    for (const answer of reader.answers) answer.enter(context.ledger, via);
  } finally {
    socket.destroy();
  }
}
