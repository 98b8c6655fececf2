// Finds the connection for an extended CONNECT (RFC 8441): one over HTTP/2 whose origin offers that in its SETTINGS,
// which are waited for (section 3: never sent before).
import { DialError, type DialTarget } from "../dial.js";
import { formatHost } from "../target.js";
import type { Lease, Upstream } from "../upstream.js";
import { Http2OriginStream } from "./origin-stream.js";

/** Like `Upstream.lease`; an origin that does not offer it any more is an error like one that can't be reached. */
export function leaseExtendedConnect(
  upstream: Pick<Upstream, "lease">,
  target: DialTarget,
  client: object,
  callback: (error: DialError | undefined, lease?: Lease) => void,
): () => void {
  let cancel: (() => void) | undefined;
  const cancelLease = upstream.lease(target, client, (error, lease) => {
    if (lease === undefined) {
      callback(error);
      return;
    }
    const { end } = lease;
    if (!(end instanceof Http2OriginStream)) {
      end.release();
      callback(refusal(target, lease, "no longer speaks HTTP/2"));
      return;
    }
    const stopWaiting = end.whenSettled(() => {
      if (end.offersExtendedConnect) callback(undefined, lease);
      else {
        end.release();
        callback(refusal(target, lease, "sent no SETTINGS that offer the extended CONNECT of RFC 8441"));
      }
    });
    cancel = () => {
      stopWaiting();
      end.release();
    };
  });
  cancel ??= cancelLease;
  return () => cancel?.();
}

function refusal(target: DialTarget, lease: Lease, what: string): DialError {
  const times = lease.dial ?? { started: performance.now() };
  return new DialError("connect-failed", `${formatHost(target.host)}:${target.port} ${what}`, times);
}
