// The origin of a wire case: each connection that it takes plays the next script.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import type { OriginAuthority } from "../support/origin.js";
import type { Step } from "./case.js";
import { Party, type Words } from "./party.js";

/** What plays a script on a connection. */
export interface Player<S> {
  play(script: readonly S[], words: Words, expand: (text: string) => string): Promise<void>;
  leave(): void;
}

type MakePlayer<P> = (name: string, socket: net.Socket, transport: net.Socket) => P;

interface OriginRun<P> {
  /** The connections that were taken, in their order. */
  readonly parties: P[];
  /** Resolves when as many connections as there are scripts have played them. */
  readonly played: Promise<void>;
  /** Ends the run's connections; a next run may begin. */
  leave(): void;
}

export interface CaseOrigin<S, P> {
  readonly port: number;
  begin(scripts: readonly (readonly S[])[], words: Words, expand: (bytes: string) => string): OriginRun<P>;
  close(): Promise<void>;
}

/** An origin that speaks bytes. @param authority for TLS; undefined for plain TCP */
export function startCaseOrigin(authority: OriginAuthority | undefined): Promise<CaseOrigin<Step, Party>> {
  return startScriptedOrigin(authority, [], (name, socket, transport) => new Party(name, socket, transport));
}

export async function startScriptedOrigin<S, P extends Player<S>>(
  authority: OriginAuthority | undefined,
  ALPNProtocols: string[],
  makePlayer: MakePlayer<P>,
): Promise<CaseOrigin<S, P>> {
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
      ALPNProtocols,
    });
    socket.on("error", () => {});
    socket.once("secure", () => take(socket, transport));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    begin: (scripts, words, expand) => {
      const parties: P[] = [];
      const played = new Promise<void>((resolve, reject) => {
        let left = scripts.length;
        if (left === 0) resolve();
        take = (socket, transport) => {
          const party = makePlayer(`origin connection ${parties.length + 1}`, socket, transport);
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
