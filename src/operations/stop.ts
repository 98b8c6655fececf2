// `trafficctl stop`: ends running proxies, and waits until what they recorded is on disk.
import { type ControlClient, connectTo } from "../control/client.js";
import { stopMethod, stoppedMethod } from "../control/methods.js";
import { TrafficError, toTrafficError } from "../errors.js";
import { sessionInfo } from "../session/catalog.js";
import type { SessionCounts } from "../session/manifest.js";
import { connectProxy, type ProxyReference, proxiesOf } from "./control.js";

export interface StoppedProxy {
  readonly session: string;
  readonly sessionPath: string;
  readonly counts: SessionCounts;
}

/**
 * @returns when it has stopped
 * @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS, IO_FAILED when it does not answer
 */
export async function stopProxy(input: ProxyReference): Promise<StoppedProxy> {
  using client = await connectProxy(input);
  return await stop(client);
}

interface StoppedProxies {
  readonly stopped: readonly StoppedProxy[];
  /** Why others did not: IO_FAILED where one does not answer. */
  readonly failures: readonly TrafficError[];
}

/** Stops all that run, at once. @throws TrafficError HOME_UNUSABLE */
export async function stopAllProxies(input: { readonly home: string }): Promise<StoppedProxies> {
  const stopping = (await proxiesOf(input.home)).map(async (proxy) => {
    using client = await connectTo(proxy);
    return await stop(client);
  });
  const outcomes = await Promise.allSettled(stopping);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [toTrafficError(outcome.reason)] : [],
  );
  return {
    stopped: outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    // One that ended by itself meanwhile is stopped too.
    failures: failures.filter(({ code }) => code !== "NOT_RUNNING"),
  };
}

async function stop(client: ControlClient): Promise<StoppedProxy> {
  const { session, sessionPath } = client.proxy;
  const left = async (error: unknown): Promise<SessionCounts> => {
    if (!(error instanceof TrafficError) || error.code !== "NOT_RUNNING") throw error;
    // It ended in another way, by a second signal say: what it left tells.
    return (await sessionInfo(sessionPath)).counts;
  };
  // Asked first, so that the end is not missed.
  const ended = client.call(stoppedMethod, {}, { timeoutMs: Number.POSITIVE_INFINITY });
  const counts = ended.then((end) => end.counts, left);
  const asked = client.call(stopMethod, {}).catch((error: unknown) => {
    // It ends already, since another command or a signal says so.
    if (!(error instanceof TrafficError) || error.code !== "NOT_RUNNING") throw error;
  });
  await Promise.race([asked, counts]);
  return { session, sessionPath, counts: await counts };
}
