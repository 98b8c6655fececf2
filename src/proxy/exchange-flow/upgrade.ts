// The origin switched protocols (RFC 9110 section 7.8): both connections become a tunnel.
import { headerValue, headerValues } from "../../exchange/headers.js";
import type { Capture } from "../capture.js";
import type { ClientEnd, OriginSide, OutgoingRequest, OutgoingResponse } from "../ends.js";
import type { WebSocketEditor } from "../intervene/web-socket-editor.js";
import type { TunnelProtocol } from "../tunnel-observer.js";
import { openUpgradedTunnel } from "../upgraded-tunnel.js";
import type { FlowServices } from "./flow-services.js";

export function switchProtocols(
  services: FlowServices,
  between: {
    readonly client: ClientEnd;
    readonly origin: OriginSide;
    readonly capture: Capture | undefined;
    readonly editor: WebSocketEditor | undefined;
  },
  request: OutgoingRequest,
  response: OutgoingResponse,
): void {
  const { client, origin, capture, editor } = between;
  client.flush();
  const end = openUpgradedTunnel({
    client: client.detach(),
    origin: origin.detach(),
    capture,
    editor,
    protocol: agreedProtocol(request, response),
    onClose: () => origin.abort(),
    onRecorded: () => services.tunnels.delete(end),
  });
  services.tunnels.add(end);
}

function agreedProtocol(request: OutgoingRequest, response: OutgoingResponse): TunnelProtocol {
  const upgrade = headerValue(request.headers, "upgrade")?.toLowerCase();
  return { isWebSocket: upgrade === "websocket", extensions: extensionsOf(response) };
}

function extensionsOf({ headers }: OutgoingResponse): string | undefined {
  return headerValues(headers, "sec-websocket-extensions").join(", ") || undefined;
}
