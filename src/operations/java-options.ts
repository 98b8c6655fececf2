// JAVA_TOOL_OPTIONS: system properties that every JVM reads at its start.
import { JAVA_TRUST_STORE_PASSWORD } from "./trust-bundle.js";

export interface JavaOptionsInput {
  readonly proxy: URL;
  /** Comma-separated; "" for none. */
  readonly noProxy: string;
  /** JKS. */
  readonly trustStorePath: string;
}

/** @returns the user's options with ours behind them: of two with one name, the JVM takes the last. */
export function extendJavaOptions(existing: string | undefined, input: JavaOptionsInput): string {
  const { proxy, trustStorePath } = input;
  const host = proxy.hostname.replace(/^\[|\]$/g, "");
  const port = proxy.port || "80";
  const properties = {
    "http.proxyHost": host,
    "http.proxyPort": port,
    "https.proxyHost": host,
    "https.proxyPort": port,
    // Empty, it replaces the default, which names localhost (sun.net.spi.DefaultProxySelector).
    "http.nonProxyHosts": nonProxyHosts(input.noProxy),
    "javax.net.ssl.trustStore": trustStorePath,
    "javax.net.ssl.trustStoreType": "jks",
    "javax.net.ssl.trustStorePassword": JAVA_TRUST_STORE_PASSWORD,
  };
  const ours = Object.entries(properties)
    .map(([name, value]) => quote(`-D${name}=${value}`))
    .join(" ");
  if (existing === undefined || existing.trim() === "") return ours;
  return existing.includes(ours) ? existing : `${existing} ${ours}`;
}

/** Java separates by `|` and takes `example.com` for that host alone. */
function nonProxyHosts(list: string): string {
  const hosts = list.split(/[\s,]+/).filter((host) => host !== "");
  return hosts
    .flatMap((host) => (host === "*" ? host : [host.replace(/^\*?\./, ""), host.replace(/^(\*?\.)?/, "*.")]))
    .join("|");
}

/** The JVM splits at white space outside of quotes, of either kind, and knows no escapes. */
function quote(option: string): string {
  if (!/[\s"']/.test(option)) return option;
  return option
    .split(/(")/)
    .filter((part) => part !== "")
    .map((part) => (part === '"' ? `'"'` : `"${part}"`))
    .join("");
}
