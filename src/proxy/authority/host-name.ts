// Which host a leaf certificate is for: a DNS name or an IP address, as CONNECT or SNI gave it, or a refusal.
import { isIP, SocketAddress } from "node:net";
import { TrafficError } from "../../errors.js";

/** A host that a certificate can name. `text` is the normal form: lower case, no trailing dot, no brackets. */
export type HostName =
  | { readonly kind: "dns"; readonly text: string }
  | { readonly kind: "ip"; readonly text: string; readonly octets: Buffer };

/** RFC 1035 section 2.3.4, without the root's dot. */
const MAX_NAME_LENGTH = 253;
// Underscores are no host name by RFC 952, yet are in use. Hyphens at a label's end likewise. A wildcard is
// refused: no client asks for one, and a leaf that carried one would be good for hosts nobody asked about.
const LABEL = /^[a-z0-9_-]{1,63}$/;

/**
 * @param host a DNS name (IDN as A-labels), an IPv4 or an IPv6 address, the latter with or without brackets
 * @returns its normal form
 * @throws TrafficError BAD_OPTION when no certificate can name it
 */
export function parseHostName(host: string): HostName {
  const unbracketed = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const version = isIP(unbracketed);
  if (version === 4) return ipHost(unbracketed, ipv4Octets(unbracketed));
  if (version === 6) return ipv6Host(unbracketed);
  if (unbracketed !== host) throw refused(host);

  const text = (host.endsWith(".") ? host.slice(0, -1) : host).toLowerCase();
  if (text.length > MAX_NAME_LENGTH || !text.split(".").every((label) => LABEL.test(label)))
    throw refused(host);
  // "1.2.3.4." is an address to a URL parser.
  if (isIP(text) === 4) return ipHost(text, ipv4Octets(text));
  return { kind: "dns", text };
}

function ipv6Host(address: string): HostName {
  // A zone (RFC 4007) has a meaning on its own machine only, and no place in an iPAddress.
  const withoutZone = address.replace(/%.*$/, "");
  const text = new SocketAddress({ address: withoutZone, family: "ipv6" }).address;
  return ipHost(text, ipv6Octets(text));
}

function ipHost(text: string, octets: Buffer): HostName {
  return { kind: "ip", text, octets };
}

function ipv4Octets(text: string): Buffer {
  return Buffer.from(text.split(".").map(Number));
}

function ipv6Octets(text: string): Buffer {
  const lastColon = text.lastIndexOf(":");
  const tail = text.slice(lastColon + 1);
  if (tail.includes(".")) {
    const hex = ipv4Octets(tail).toString("hex");
    return ipv6Octets(`${text.slice(0, lastColon + 1)}${hex.slice(0, 4)}:${hex.slice(4)}`);
  }
  const [head = "", rest] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = [...left, ...zeros, ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function refused(host: string): TrafficError {
  const shown = JSON.stringify(host.length > 80 ? `${host.slice(0, 80)}...` : host);
  return new TrafficError("BAD_OPTION", `no certificate can be issued for the host ${shown}`, {
    hint: "a host is a DNS name of letters, digits, '-', '_' and '.' (at most 253), or an IP address",
  });
}
