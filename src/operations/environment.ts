// The environment that brings a command's HTTP traffic to the proxy: which variable each tool reads, and the files
// (CA bundle, Java trust store) that some of them point to.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extendJavaOptions } from "./java-options.js";
import { writeTrustFiles } from "./trust-bundle.js";

export interface EnvironmentInput {
  /** `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** PEM: the proxy's CA alone, for variables that add to a tool's roots. */
  readonly caCertPath: string;
  /** PEM: every root the user trusts and the CA, for variables that replace them. */
  readonly bundlePath: string;
  /** The same as a JKS file. */
  readonly javaTrustStorePath: string;
  /** wget's configuration with the bundle in it. */
  readonly wgetrcPath: string;
  /** The compiled src/preload/node-proxy.cts, or undefined to leave NODE_OPTIONS alone. */
  readonly preloadPath: string | undefined;
  /** Comma-separated hosts that are reached without the proxy. Default none: localhost is recorded too. */
  readonly noProxy?: string;
  /** What the command would run with; values that have to be kept are taken from it. */
  readonly base: NodeJS.ProcessEnv;
}

/**
 * The variables to set, and no others.
 *
 * What no variable can do: Go (net/http) and programs made with it never use a proxy for localhost and 127.0.0.1,
 * and read SSL_CERT_FILE on neither macOS nor Windows. Java 17 adds localhost to its exceptions as soon as `noProxy`
 * names any host. curl and git on Windows (Schannel) check certificates against the system's store: there
 * `trafficctl ca install` is needed. Node's http2.connect is brought to the proxy where the program also loads https.
 * Programs with their own proxy or roots written into their code or configuration do as they are told there.
 */
export function environment(input: EnvironmentInput): Record<string, string> {
  return {
    ...proxyVariables(input),
    ...rootVariables(input),
    ...toolVariables(input),
    ...gitProxy(input),
    ...nodeVariables(input),
    JAVA_TOOL_OPTIONS: extendJavaOptions(input.base.JAVA_TOOL_OPTIONS, {
      proxy: new URL(input.proxyUrl),
      noProxy: input.noProxy ?? "",
      trustStorePath: input.javaTrustStorePath,
    }),
  };
}

/** curl reads http_proxy in lower case only, other tools look for one of the two, or the other first: both are set. */
function proxyVariables({ proxyUrl, noProxy = "" }: EnvironmentInput): Record<string, string> {
  const variables: Record<string, string> = {};
  // WS and WSS: Python's getproxies, which aiohttp and websockets ask, and curl.
  for (const scheme of ["HTTP", "HTTPS", "ALL", "WS", "WSS"]) variables[`${scheme}_PROXY`] = proxyUrl;
  variables.NO_PROXY = noProxy;
  for (const [name, value] of Object.entries(variables)) variables[name.toLowerCase()] = value;
  return { ...variables, grpc_proxy: proxyUrl, no_grpc_proxy: noProxy };
}

function rootVariables({ bundlePath, caCertPath }: EnvironmentInput): Record<string, string> {
  const replacing = [
    "SSL_CERT_FILE", // OpenSSL's default: Python, Ruby, Perl, PHP, .NET, Rust; Go on Linux
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "npm_config_cafile",
    "CARGO_HTTP_CAINFO",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "NIX_SSL_CERT_FILE",
  ];
  // Deno adds DENO_CERT to the stores it is told to use, by default Mozilla's only.
  const adding = { DENO_CERT: caCertPath, DENO_TLS_CA_STORE: "system,mozilla" };
  return { ...Object.fromEntries(replacing.map((name) => [name, bundlePath])), ...adding };
}

/** Tools whose own configuration may name a proxy, which would go before HTTP_PROXY. */
function toolVariables({ proxyUrl, noProxy = "", wgetrcPath }: EnvironmentInput): Record<string, string> {
  return {
    npm_config_proxy: proxyUrl,
    npm_config_https_proxy: proxyUrl,
    npm_config_noproxy: noProxy,
    // pip knows no exceptions to its own setting (requests' no_proxy is for HTTP_PROXY only).
    ...(noProxy === "" && { PIP_PROXY: proxyUrl }),
    CARGO_HTTP_PROXY: proxyUrl,
    // Built with GnuTLS, as Debian's is, wget reads no SSL_CERT_FILE.
    SYSTEM_WGETRC: wgetrcPath,
  };
}

/** git's http.proxy goes before http_proxy; one of the environment goes before those of files (git 2.31). */
function gitProxy({ proxyUrl, base }: EnvironmentInput): Record<string, string> {
  const count = Number(base.GIT_CONFIG_COUNT || 0);
  if (!Number.isInteger(count) || count < 0) return {};
  const last = count - 1;
  const isOurs = base[`GIT_CONFIG_KEY_${last}`] === "http.proxy";
  const index = isOurs ? last : count;
  return {
    GIT_CONFIG_COUNT: String(index + 1),
    [`GIT_CONFIG_KEY_${index}`]: "http.proxy",
    [`GIT_CONFIG_VALUE_${index}`]: proxyUrl,
  };
}

/**
 * NODE_USE_ENV_PROXY is not among them: the preload does more, on every version, and the variable makes Node 22.21
 * print a warning and load what it would otherwise load at the first request.
 */
function nodeVariables({
  base,
  bundlePath,
  caCertPath,
  preloadPath,
}: EnvironmentInput): Record<string, string> {
  const extra = base.NODE_EXTRA_CA_CERTS;
  // One file only can be named: the bundle has the certificates of the user's too (trust-bundle.ts).
  const hasOwn = extra !== undefined && extra !== "" && extra !== caCertPath;
  const certificates = { NODE_EXTRA_CA_CERTS: hasOwn ? bundlePath : caCertPath };
  if (preloadPath === undefined) return certificates;
  const option = `--require ${quoteForNodeOptions(preloadPath)}`;
  const options = base.NODE_OPTIONS ?? "";
  const extended = options.includes(option) ? options : `${options} ${option}`.trim();
  return { ...certificates, NODE_OPTIONS: extended };
}

/** Node takes spaces as ends of an option unless in double quotes, where a backslash escapes. */
function quoteForNodeOptions(path: string): string {
  return /[\s"]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path;
}

export interface PrepareEnvironmentInput {
  /** The home folder: files go to its `ca` folder. */
  readonly home: string;
  /** PEM of the proxy's CA. */
  readonly caCertPath: string;
  readonly proxyUrl: string;
  readonly noProxy?: string;
  /** Default: this process's environment. */
  readonly base?: NodeJS.ProcessEnv;
  /**
   * False where the command does not see this machine's installation of trafficctl (a container): Node is then told
   * to use its own proxy support, from 22.21 and 24.5 on.
   */
  readonly preload?: boolean;
}

/**
 * Writes the files that the variables name, where they are missing or stale.
 * @returns what to set
 * @throws TrafficError IO_FAILED, DISK_FULL, HOME_UNUSABLE; CA_UNUSABLE when the CA can't be read
 */
export async function prepareEnvironment(input: PrepareEnvironmentInput): Promise<Record<string, string>> {
  const { caCertPath, proxyUrl, noProxy, base = process.env, preload = true } = input;
  const files = await writeTrustFiles({ folder: join(input.home, "ca"), caCertPath, base });
  const variables = environment({
    proxyUrl,
    // A container is given one file, the bundle: the folder of the CA has its key.
    caCertPath: preload ? caCertPath : files.bundlePath,
    ...files,
    preloadPath: preload ? findPreload() : undefined,
    ...(noProxy === undefined ? {} : { noProxy }),
    base,
  });
  return preload ? variables : { ...variables, NODE_USE_ENV_PROXY: "1" };
}

/** Beside this file's own folder when built; run from source it is that of the build, if there is one. */
function findPreload(): string | undefined {
  const places = ["../preload/node-proxy.cjs", "../../dist/src/preload/node-proxy.cjs"];
  return places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((path) => existsSync(path));
}
