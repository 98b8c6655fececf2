// `trafficctl status`: the proxies that run, and how each of them is doing.
import { connectTo } from "../control/client.js";
import { type ProxyStatus, statusMethod } from "../control/methods.js";
import type { ProxyEntry } from "../control/running.js";
import { TrafficError } from "../errors.js";
import { proxiesOf } from "./control.js";

/** `silent`: it runs, and did not answer. */
export type RunningProxyStatus =
  | ({ readonly state: "running" /** Milliseconds. */; readonly uptime: number } & ProxyStatus)
  | ({ readonly state: "silent"; readonly problem: string } & Pick<
      ProxyEntry,
      "pid" | "version" | "session" | "sessionPath" | "url" | "startedAt"
    >);

const ANSWER_LIMIT_MS = 3_000;

/** @returns the oldest first. @throws TrafficError HOME_UNUSABLE */
export async function proxyStatus(input: { readonly home: string }): Promise<RunningProxyStatus[]> {
  const all = await Promise.all((await proxiesOf(input.home)).map(statusOf));
  return all.filter((each) => each !== undefined);
}

/** @returns undefined where it has ended meanwhile */
async function statusOf(proxy: ProxyEntry): Promise<RunningProxyStatus | undefined> {
  try {
    using client = await connectTo(proxy);
    const status = await client.call(statusMethod, {}, { timeoutMs: ANSWER_LIMIT_MS });
    return { state: "running", uptime: Math.max(0, Date.now() - Date.parse(status.startedAt)), ...status };
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    if (error.code === "NOT_RUNNING") return undefined;
    const { pid, version, session, sessionPath, url, startedAt } = proxy;
    return { state: "silent", problem: error.message, pid, version, session, sessionPath, url, startedAt };
  }
}
