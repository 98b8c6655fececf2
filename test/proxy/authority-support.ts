// What the authority's tests share: temp folders, programs, and a TLS server that answers any client.
import { execFile } from "node:child_process";
import { accessSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { CertificateAuthority } from "../../src/proxy/authority.js";

export const run = promisify(execFile);

/** A folder that does not outlive the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trafficctl-ca-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name));
      return true;
    } catch {
      return false;
    }
  });
}

/** Serves `ok` over HTTPS with the authority's context for one host. @returns the port on 127.0.0.1 (or ::1) */
export async function serve(
  authority: CertificateAuthority,
  host: string,
  address = "127.0.0.1",
): Promise<number> {
  const connections = new Set<Socket>();
  const server = createServer((transport) => {
    connections.add(transport);
    transport.once("close", () => connections.delete(transport));
    const socket = new TLSSocket(transport, { isServer: true, secureContext: authority.contextFor(host) });
    socket.on("error", () => transport.destroy());
    socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
