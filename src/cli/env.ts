// `trafficctl env`: the variables that bring a terminal's programs to the proxy, in the words of its shell.
import { Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import { writeOut } from "./output.js";
import { currentShell, SHELLS, type Shell, shellLines } from "./shell-lines.js";

interface EnvOptions {
  readonly shell?: Shell;
  readonly port: string;
  readonly host?: string;
  readonly home?: string;
  readonly proxyAuth?: string;
  /** The list of `--no-proxy LIST`; commander takes the `no-` off, and has true where it was not given. */
  readonly proxy: string | boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ eval "$(trafficctl env)"                                          bash, zsh, sh
  $ trafficctl env --shell fish | source                              fish
  > trafficctl env --shell powershell | Out-String | Invoke-Expression
  $ trafficctl env --shell dotenv > proxy.env
  $ CA="$(dirname "$(trafficctl ca path)")"
  $ docker run --env-file <(trafficctl env --shell docker) -v "$CA/bundle.pem:$CA/bundle.pem:ro" \\
      --add-host host.docker.internal:host-gateway curlimages/curl https://example.com

The proxy need not run yet: trafficctl record starts it, for a container with --host 0.0.0.0. In a container files are
named by their path on this machine: mount bundle.pem there, for Java truststore.jks too, never the folder, which has
the CA's key.
`;

/** The `env` command. */
export function envCommand(): Command {
  return new Command("env")
    .description("print the variables that bring a terminal's programs to the proxy")
    .addOption(new Option("--shell <shell>", "form of the lines (default: that of $SHELL)").choices(SHELLS))
    .option("-p, --port <number>", "port of the proxy", "8080")
    .option("--host <address>", "address of the proxy (default: 127.0.0.1, for docker host.docker.internal)")
    .option("--proxy-auth <user:password>", "what trafficctl record --proxy-auth was given")
    .option(
      "--no-proxy <list>",
      "hosts to reach without the proxy (default: none, localhost is recorded too)",
    )
    .option("--home <dir>", "home folder (default: TRAFFICCTL_HOME, or the platform's data folder)")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(printVariables);
}

async function printVariables(options: EnvOptions): Promise<void> {
  const shell = options.shell ?? currentShell(process.env, process.platform);
  const { parseCredentials, proxyUrl: withCredentials } = await import("../operations/proxy-access.js");
  const credentials = options.proxyAuth === undefined ? undefined : parseCredentials(options.proxyAuth);
  const proxyUrl = withCredentials(proxyUrlOf(options, shell).slice("http://".length), credentials);
  const { resolveHome } = await import("../operations/home.js");
  const { caPath } = await import("../operations/ca.js");
  const { prepareEnvironment } = await import("../operations/environment.js");
  const home = resolveHome({ flag: options.home, env: process.env });
  const ca = await caPath({ home });
  for (const warning of ca.warnings) process.stderr.write(`warning: ${warning}\n`);
  const isContainer = shell === "docker";
  const variables = await prepareEnvironment({
    home,
    caCertPath: ca.path,
    proxyUrl,
    ...(typeof options.proxy === "string" ? { noProxy: options.proxy } : {}),
    // What this machine's environment has is not what the container's has.
    ...(isContainer ? { base: {}, preload: false } : {}),
  });
  const text = options.json === true ? `${JSON.stringify(variables)}\n` : shellLines(shell, variables);
  await writeOut(text);
}

function proxyUrlOf(options: EnvOptions, shell: Shell): string {
  const port = Number(options.port);
  if (!/^\d+$/.test(options.port) || port < 1 || port > 65_535) {
    throw new TrafficError("BAD_OPTION", `--port ${options.port} is no port`, {
      hint: "give a number from 1 to 65535",
    });
  }
  const host = options.host ?? (shell === "docker" ? "host.docker.internal" : "127.0.0.1");
  const url = `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
  if (!/^[\w.:[\]%-]+$/.test(host) || !URL.canParse(url)) {
    throw new TrafficError("BAD_OPTION", `--host ${host} is no address`, {
      hint: "give a host name or an IP address",
    });
  }
  return url;
}
