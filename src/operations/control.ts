// Finding and asking the proxies that run, for every operation that controls one.
import { type ControlClient, connectControl } from "../control/client.js";
import { type ControlHome, type ProxyEntry, runningProxies } from "../control/running.js";
import { isAlive } from "../session/process-identity.js";

/** A running proxy, as a person names it. */
export interface ProxyReference {
  /** As resolveHome gives it. */
  readonly home: string;
  /** The name of its session, a beginning of one, `last`, or the path of its folder; absent: the only one that runs. */
  readonly session?: string;
}

/** @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS, IO_FAILED when it does not answer */
export function connectProxy({ home, session }: ProxyReference): Promise<ControlClient> {
  return connectControl(controlHome(home), session);
}

/** Those that listen, the oldest first; what others left behind is removed. @throws TrafficError HOME_UNUSABLE */
export function proxiesOf(home: string): Promise<ProxyEntry[]> {
  return runningProxies(controlHome(home));
}

function controlHome(home: string): ControlHome {
  return { home, isAlive };
}
