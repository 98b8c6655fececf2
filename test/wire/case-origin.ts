// The origin of a wire case: each connection that it takes plays the next script.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import type { OriginAuthority } from "../support/origin.js";
import type { Step } from "./case.js";
import { Party, type Words } from "./party.js";

interface OriginRun {
  /** The connections that were taken, in their order. */
  readonly parties: Party[];
  /** Resolves when as many connections as there are scripts have played them. */
  readonly played: Promise<void>;
  /** Ends the run's connections; a next run may begin. */
  leave(): void;
}

export interface CaseOrigin {
  readonly port: number;
  begin(scripts: readonly (readonly Step[])[], words: Words, expand: (bytes: string) => string): OriginRun;
  close(): Promise<void>;
}

/** @param authority for TLS; undefined for plain TCP */
export async function startCaseOrigin(authority: OriginAuthority | undefined): Promise<CaseOrigin> {
  let take: (socket: net.Socket, transport: net.Socket) => void = (socket) => socket.destroy();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (transport) => {
    transport.on("error", () => {});
    if (authority === undefined) {
      take(transport, transport);
      return;
    }
    const socket = new tls.TLSSocket(transport, {
      isServer: true,
      secureContext: authority.context("localhost"),
    });
    socket.on("error", () => {});
    socket.once("secure", () => take(socket, transport));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    begin: (scripts, words, expand) => {
      const parties: Party[] = [];
      const played = new Promise<void>((resolve, reject) => {
        let left = scripts.length;
        if (left === 0) resolve();
        take = (socket, transport) => {
          const party = new Party(`origin connection ${parties.length + 1}`, socket, transport);
          const script = scripts[parties.length];
          parties.push(party);
          if (script === undefined) return;
          party.play(script, words, expand).then(() => {
            left--;
            if (left === 0) resolve();
          }, reject);
        };
      });
      return {
        parties,
        played,
        leave: () => {
          for (const party of parties) party.leave();
        },
      };
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
