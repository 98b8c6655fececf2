// What a client of a proxy needs, and the options of one that runs.
import { z } from "zod";
import { TrafficError } from "../../errors.js";
import type { ProxyOptions } from "../../operations/set-options.js";
import type { DataOf } from "../output.js";
import { FLAG, TEXT } from "../output.js";
import type { Answer } from "../result.js";
import { CHANGES, defineTool, READS, type Tool, type ToolContext } from "../tool.js";
import { RUNNING, referenceOf } from "./capture.js";

const getEnvironment = defineTool({
  name: "get_environment",
  title: "Variables for programs to be recorded",
  toolset: "capture",
  description:
    "The environment variables that bring a program's HTTP and HTTPS traffic to a running proxy and make it trust its CA (curl, Node's fetch, Python, Go, Java, git, npm and others). Use it after start_capture to run something yourself, in a terminal or a container. Writes the certificate bundles that the variables name; changes nothing else. For a single command run_command does all of it.",
  input: {
    session: RUNNING,
    noProxy: z
      .string()
      .max(4000)
      .exactOptional()
      .describe("Hosts to reach without the proxy, with commas; default none"),
  },
  output: { url: TEXT, session: TEXT, environment: z.record(TEXT, TEXT) },
  effects: CHANGES,
  run: async ({ session, noProxy }, context) => {
    const { home } = context.settings;
    const { prepareEnvironment } = await import("../../operations/environment.js");
    const { caPath } = await import("../../operations/ca.js");
    const { path } = await caPath({ home });
    const { url, session: id } = await runningProxy(session, context);
    const environment = await prepareEnvironment({
      home,
      caCertPath: path,
      proxyUrl: url,
      ...(noProxy === undefined ? {} : { noProxy }),
    });
    const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return {
      text: `For programs that are to be recorded by ${url} (session ${id}):\n${lines.join("\n")}`,
      data: { url, session: id, environment },
    };
  },
});

async function runningProxy(
  session: string | undefined,
  context: ToolContext,
): Promise<{ readonly url: string; readonly session: string }> {
  const { own } = context.captures;
  if (own !== undefined && (session === undefined || session === own.recording.session.id)) {
    assertProxy(own.recording);
    return { url: own.recording.urlWithCredentials, session: own.recording.session.id };
  }
  const { connectProxy } = await import("../../operations/control.js");
  using client = await connectProxy(await referenceOf(session, context));
  const { proxyStatus } = await import("../../operations/status.js");
  const all = await proxyStatus({ home: context.settings.home });
  for (const each of all) if (each.session === client.proxy.session) assertProxy(each);
  return { url: client.proxy.url, session: client.proxy.session };
}

/** @throws BAD_OPTION */
function assertProxy(running: { readonly url: string; readonly reverse?: string }): void {
  if (running.reverse === undefined) return;
  throw new TrafficError("BAD_OPTION", `${running.url} stands for ${running.reverse}, and is no proxy`, {
    hint: "give the client its url as the address of that server; no variables are needed",
  });
}

const getCa = defineTool({
  name: "get_ca",
  title: "The CA certificate to trust",
  toolset: "capture",
  description:
    "The certificate authority whose certificates the proxy shows to clients: PEM, path, fingerprints (of the public key for Chromium's --ignore-certificate-errors-spki-list), whether this system trusts it. Made on first use. Use it to set up a client that takes a certificate; its private key is never given out. Installing it system-wide is the user's decision: `trafficctl ca install`.",
  input: {},
  output: {
    path: TEXT,
    pem: TEXT,
    fingerprint256: TEXT,
    spkiFingerprint: TEXT,
    trustedBySystem: TEXT,
    subject: TEXT,
    validFrom: TEXT,
    validTo: TEXT,
    serialNumber: TEXT,
    keyType: TEXT,
    created: FLAG,
    warnings: z.array(TEXT),
  },
  effects: CHANGES,
  run: async (_input, { settings: { home } }) => {
    const { exportCa, showCa } = await import("../../operations/ca.js");
    const facts = await showCa({ home });
    const { bytes } = await exportCa({ home, format: "pem" });
    const pem = bytes.toString("latin1");
    const { path, fingerprint256, spkiFingerprint, trustedBySystem } = facts;
    return {
      text: `CA certificate: ${path}\nSHA-256 ${fingerprint256}\nSPKI ${spkiFingerprint}\nTrusted by this system: ${trustedBySystem}\n${pem}`,
      data: { ...facts, pem },
    };
  },
});

const OPTIONS = {
  session: TEXT,
  options: z.array(z.object({ name: TEXT, value: z.unknown(), changeable: FLAG })),
};

const getOptions = defineTool({
  name: "get_options",
  title: "Options of a running proxy",
  toolset: "capture",
  description:
    "How a running proxy was started, and which of its options may change while it runs (`changeable`). Changes nothing.",
  input: { session: RUNNING },
  output: OPTIONS,
  effects: READS,
  run: async ({ session }, context) => {
    const operation = await import("../../operations/set-options.js");
    return optionsAnswer(await operation.getOptions(await referenceOf(session, context)), context);
  },
});

const setOptions = defineTool({
  name: "set_options",
  title: "Change options of a running proxy",
  toolset: "capture",
  description:
    "Changes options of a running proxy from now on, all of them or none: `filter` (what is recorded; null for everything) and `max-body` (bytes of each body to keep; null for all). Host, port, mode, certificate checking and other options that decide what the proxy may do are refused; the answer says what to do instead.",
  input: {
    session: RUNNING,
    values: z
      .record(z.string().min(1).max(100), z.union([z.string().max(4000), z.number(), z.boolean(), z.null()]))
      .describe('By name: {"filter": "~d api.example.com"}'),
  },
  output: OPTIONS,
  effects: CHANGES,
  run: async ({ session, values }, context) => {
    if (Object.keys(values).length === 0) throw new TrafficError("BAD_OPTION", "values names no option");
    const operation = await import("../../operations/set-options.js");
    return optionsAnswer(
      await operation.setOptions({ ...(await referenceOf(session, context)), values }),
      context,
    );
  },
});

function optionsAnswer(
  { session, ...list }: ProxyOptions,
  { safe }: ToolContext,
): Answer<DataOf<typeof OPTIONS>> {
  const options = safe.deep(list.options);
  const lines = options.map(
    ({ name, value, changeable }) =>
      `${name} = ${JSON.stringify(value)}${changeable ? "  (may change)" : ""}`,
  );
  return {
    text: `Options of the proxy of session ${session}:\n${lines.join("\n")}`,
    data: { session, options },
  };
}

export const CAPTURE_SETUP_TOOLS: readonly Tool[] = [getEnvironment, getCa, getOptions, setOptions];
