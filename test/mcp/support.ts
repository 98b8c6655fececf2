// The built server as a process, with the SDK's client over either transport.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** TRAFFICCTL_DIST: another build than `npm run build` makes. */
const DIST = process.env.TRAFFICCTL_DIST ?? resolve(import.meta.dirname, "../../dist");
export const CLI = join(DIST, "bin/trafficctl.js");

export interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Record<string, unknown>;
  /** Characters of the whole answer. */
  readonly size: number;
}

export interface TestClient {
  readonly client: Client;
  /** Calls a tool; a result that is an error is returned like any other. */
  call(name: string, args?: Record<string, unknown>): Promise<Called>;
  /** @throws where the result is an error */
  ok(name: string, args?: Record<string, unknown>): Promise<Called>;
  close(): Promise<void>;
}

export async function tempHome(): Promise<string> {
  return await realpath(await mkdtemp(join(tmpdir(), "mcp-home-")));
}

export async function removeAll(folders: string[]): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** A client with a server of its own, over stdin and stdout. */
export async function stdioClient(
  home: string,
  ...args: string[]
): Promise<TestClient & { readonly pid: number }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, "mcp", "--home", home, ...args],
    cwd: home,
    stderr: "inherit",
  });
  const client = await connected(asTransport(transport));
  return { ...client, pid: transport.pid ?? -1 };
}

export interface HttpServer {
  readonly url: string;
  readonly token: string;
  readonly child: ChildProcess;
  stderr(): string;
  connect(): Promise<TestClient & { readonly transport: StreamableHTTPClientTransport }>;
  close(): Promise<void>;
}

const readySchema = z.object({ url: z.string(), tokenPath: z.string(), token: z.string().optional() });

export async function httpServer(home: string, ...args: string[]): Promise<HttpServer> {
  const child = spawn(
    process.execPath,
    [CLI, "mcp", "--http", "--port", "0", "--json", "--home", home, ...args],
    {
      cwd: home,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(() => {
      throw new Error(`the server ended: ${stderr}`);
    }),
  ]);
  const { url, token = "" } = readySchema.parse(JSON.parse(String(line)));
  return {
    url,
    token,
    child,
    stderr: () => stderr,
    connect: async () => {
      const transport = new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      });
      return { ...(await connected(asTransport(transport))), transport };
    },
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Once it knows the tools, the SDK's client checks every result by its schema; here nothing may be in it besides, either. */
async function connected(transport: Transport): Promise<TestClient> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const known = new Map(
    tools.map(({ name, outputSchema }) => [name, new Set(Object.keys(outputSchema?.properties ?? {}))]),
  );
  const call: TestClient["call"] = async (name, args = {}) => {
    const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
    const untold = Object.keys(result.structuredContent ?? {}).filter(
      (member) => member !== "notice" && known.get(name)?.has(member) === false,
    );
    if (untold.length > 0) throw new Error(`the schema of ${name} does not tell of ${untold.join(", ")}`);
    const [content] = result.content;
    return {
      isError: result.isError === true,
      text: content?.type === "text" ? content.text : "",
      data: result.structuredContent ?? {},
      size: JSON.stringify(result).length,
    };
  };
  return {
    client,
    call,
    ok: async (name, args) => {
      const called = await call(name, args);
      if (called.isError) throw new Error(`${name}: ${called.text}`);
      return called;
    },
    close: () => client.close(),
  };
}

/** The library's types of its own parts differ where optional members may be undefined. */
function asTransport(transport: object): Transport {
  return transport as Transport;
}

/** @returns the error of a result, by its shape */
export function errorOf({ isError, data }: Called): {
  code: string;
  message: string;
  hint?: string | undefined;
} {
  if (!isError) throw new Error(`this is no error: ${JSON.stringify(data)}`);
  return z
    .object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }) })
    .parse(data).error;
}

export function text(value: unknown): string {
  return z.string().parse(value);
}

export function list(value: unknown): Record<string, unknown>[] {
  return z.array(z.record(z.string(), z.unknown())).parse(value);
}
