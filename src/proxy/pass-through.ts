// Passes a CONNECT through: a host that is not to be decrypted, or a protocol that is not HTTP.
import type { Socket } from "node:net";
import type { TunnelExchange } from "../exchange/exchange.js";
import type { Capture } from "./capture.js";
import type { DialError, Dialled } from "./dial.js";
import type { DetachedSocket } from "./ends.js";
import { dialPlain, openOpaqueTunnel, tunnelConnected, tunnelFailed } from "./opaque-tunnel.js";
import { answerBytes, failureAnswer, plainAnswer } from "./own-answer.js";
import { clientEndpoint, openCapture, type ProxyServices } from "./proxy-services.js";
import type { ConnectRequest } from "./routes.js";
import { formatHost } from "./target.js";

export const ESTABLISHED = Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n");
const NOTHING = Buffer.alloc(0);

/** A connection to the origin made ahead, and what the origin said on it first. */
export interface Spare {
  readonly dialled: Dialled;
  readonly greeting: Buffer;
}

/** Joins the client to its origin without looking into what they say, and records the tunnel. */
export function passThrough(
  services: ProxyServices,
  request: ConnectRequest,
  connection: DetachedSocket,
  options: { reason: TunnelExchange["reason"]; established: boolean; spare?: Spare | undefined },
): void {
  const client = connection.socket;
  const capture = connectCapture(services, request, client);
  const give = ({ dialled, greeting }: Spare): void => {
    tunnelConnected(capture, dialled, services.upstream.newConnectionId());
    if (!options.established) client.write(request.answers?.established ?? ESTABLISHED);
    client.off("close", onClose);
    openOpaqueTunnel(
      services,
      connection,
      { socket: dialled.socket, rest: greeting },
      capture,
      options.reason,
    );
  };
  const refuse = (error: DialError): void => {
    tunnelFailed(capture, { code: error.code, message: error.message }, options.reason);
    if (options.established) client.destroy();
    else if (request.answers !== undefined) client.end(request.answers.failed(error));
    else client.end(refusalBytes(error));
  };
  let cancel: (() => void) | undefined;
  const onClose = (): void => {
    cancel?.();
    tunnelFailed(
      capture,
      { code: "client-closed", message: "the client left before the origin answered" },
      options.reason,
    );
  };
  client.on("error", () => client.destroy());
  client.once("close", onClose);
  if (options.spare !== undefined) give(options.spare);
  else {
    cancel = dialPlain(services, request, (error, dialled) => {
      if (dialled !== undefined) give({ dialled, greeting: NOTHING });
      else if (error !== undefined) {
        client.off("close", onClose);
        refuse(error);
      }
    });
  }
}

/** The capture of a CONNECT itself, where what is inside is not looked into. */
export function connectCapture(
  services: ProxyServices,
  request: ConnectRequest,
  socket: Socket,
): Capture | undefined {
  const { head } = request;
  return openCapture(services.hooks, clientEndpoint(socket, null), {
    method: head.method,
    url: `tcp://${formatHost(request.host)}:${request.port}`,
    target: head.target,
    httpVersion: head.httpVersion,
    headers: head.headers,
    headersSize: head.bytes.length,
  }).capture;
}

function refusalBytes(error: DialError): Buffer {
  const failure = { code: error.code, message: error.message };
  return answerBytes(failureAnswer(failure) ?? plainAnswer(502, "Bad Gateway", error.message));
}
