// Whether an address is that of this proxy: a connection to it would come back here, again and again.
import { networkInterfaces } from "node:os";

/** Of the listening socket. `address` may be a wildcard: `0.0.0.0`, `::`. */
export interface Listening {
  readonly address: string;
  readonly port: number;
}

/** @param address an IP address that a connection has reached */
export function isOwnAddress(listening: Listening, address: string, port: number): boolean {
  if (port !== listening.port) return false;
  const reached = plain(address);
  const own = plain(listening.address);
  if (reached === own) return true;
  if (own !== "0.0.0.0" && own !== "::") return false;
  if (/^127\./.test(reached) || reached === "::1") return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === reached));
}

/** The same for a host as a client has written it: an address, or a name of this machine that needs no look-up. */
export function isOwnName(listening: Listening, host: string, port: number): boolean {
  if (port !== listening.port) return false;
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name !== "localhost") return isOwnAddress(listening, name, port);
  return ["127.0.0.1", "::1"].some((address) => isOwnAddress(listening, address, port));
}

/** IPv4 addresses as a dual-stack socket writes them. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
}
