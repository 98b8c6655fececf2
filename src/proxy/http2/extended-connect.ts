// Finds the connection for an extended CONNECT (RFC 8441): one over HTTP/2 whose origin offers that in its SETTINGS,
// which are waited for (section 3: never sent before).
import { DialError, type DialTarget } from "../dial.js";
import type { OutgoingRequest } from "../ends.js";
import { formatHost } from "../target.js";
import type { Lease, Upstream } from "../upstream.js";
import { Http2OriginStream } from "./origin-stream.js";
import { asksForWebSocket, UpgradeStream } from "./upgrade-stream.js";

type Leasing = Pick<Upstream, "lease">;
type LeaseCallback = (error: DialError | undefined, lease?: Lease) => void;

/** Like `Upstream.lease`, for this request: one that asks for a tunnel gets what can become one. */
export function leaseFor(
  request: OutgoingRequest,
  upstream: Leasing,
  target: DialTarget,
  client: object,
  callback: LeaseCallback,
): () => void {
  if (request.protocol !== undefined) return leaseExtendedConnect(upstream, target, client, callback);
  if (request.http2 !== undefined) return upstream.lease(target, client, callback);
  // Over HTTP/1 it goes as it came; what it asks for matters where the origin speaks HTTP/2 alone.
  return leaseSettled(
    upstream,
    target,
    client,
    (error, lease) => {
      const { end } = lease ?? {};
      if (!(end instanceof Http2OriginStream) || !asksForWebSocket(request)) callback(error, lease);
      else if (end.offersExtendedConnect) callback(undefined, { ...lease!, end: new UpgradeStream(end) });
      else
        refuse(lease!, target, "speaks HTTP/2 alone, and offers no WebSocket over it (RFC 8441)", callback);
    },
    () => asksForWebSocket(request),
  );
}

/** An origin that does not offer it any more is an error like one that can't be reached. */
export function leaseExtendedConnect(
  upstream: Leasing,
  target: DialTarget,
  client: object,
  callback: LeaseCallback,
): () => void {
  return leaseSettled(upstream, target, client, (error, lease) => {
    if (lease === undefined) callback(error);
    else if (!(lease.end instanceof Http2OriginStream))
      refuse(lease, target, "no longer speaks HTTP/2", callback);
    else if (lease.end.offersExtendedConnect) callback(undefined, lease);
    else refuse(lease, target, "sent no SETTINGS that offer the extended CONNECT of RFC 8441", callback);
  });
}

/**
 * Of a connection over HTTP/2 the origin's SETTINGS have come, or won't.
 * @param matters false: they need not be waited for
 */
function leaseSettled(
  upstream: Leasing,
  target: DialTarget,
  client: object,
  callback: LeaseCallback,
  matters: () => boolean = () => true,
): () => void {
  let cancel: (() => void) | undefined;
  const cancelLease = upstream.lease(target, client, (error, lease) => {
    const end = lease?.end;
    if (!(end instanceof Http2OriginStream) || !matters()) {
      callback(error, lease);
      return;
    }
    const stopWaiting = end.whenSettled(() => callback(undefined, lease));
    cancel = () => {
      stopWaiting();
      end.release();
    };
  });
  cancel ??= cancelLease;
  return () => cancel?.();
}

function refuse(lease: Lease, target: DialTarget, what: string, callback: LeaseCallback): void {
  lease.end.release();
  const times = lease.dial ?? { started: performance.now() };
  callback(new DialError("connect-failed", `${formatHost(target.host)}:${target.port} ${what}`, times));
}
