// Resources, templates, completions, subscriptions and prompts.
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { makeSession } from "../support/made-session.js";
import { type HttpServer, httpServer, removeAll, type TestClient, tempHome } from "./support.js";

const folders: string[] = [];
let server: HttpServer;
let client: TestClient;

beforeAll(async () => {
  const home = await tempHome();
  folders.push(home);
  await makeSession(home, "made");
  server = await httpServer(home);
  client = await server.connect();
});

afterAll(async () => {
  await client.close();
  await server.close();
  await removeAll(folders);
});

async function read(uri: string): Promise<Record<string, unknown>> {
  const { contents } = await client.client.readResource({ uri });
  const [content] = z
    .array(z.object({ uri: z.literal(uri), mimeType: z.literal("application/json"), text: z.string() }))
    .parse(contents);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(content?.text ?? ""));
}

describe("resources", () => {
  test("are listed, and each can be read", async () => {
    const { resources } = await client.client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(
      ["status", "ca", "sessions", "summary"].map((name) => `trafficctl://${name}`),
    );
    for (const { uri } of resources) expect(await read(uri)).toBeTypeOf("object");
    expect(await read("trafficctl://ca")).toMatchObject({
      pem: expect.stringContaining("BEGIN CERTIFICATE"),
      spkiFingerprint: expect.any(String),
    });
    expect(await read("trafficctl://summary")).toMatchObject({ exchanges: 7 });
  });

  test("of a session are templates", async () => {
    const { resourceTemplates } = await client.client.listResourceTemplates();
    const uris = resourceTemplates.map(({ uriTemplate }) => uriTemplate.replace("{session}", "made"));
    expect(uris).toHaveLength(3);
    const [summary = "", timeline = "", findings = ""] = uris;
    expect(await read(summary)).toMatchObject({ session: "made", exchanges: 7 });
    expect(await read(timeline)).toMatchObject({
      list: "timeline",
      rows: expect.arrayContaining([expect.objectContaining({ exchanges: 1 })]),
    });
    expect(await read(findings)).toMatchObject({
      errors: [{ code: "dns-failed" }],
      failingHosts: expect.arrayContaining([expect.objectContaining({ name: "gone.test", rate: 1 })]),
    });
  });

  test.each([
    "trafficctl://nothing",
    "trafficctl://sessions/../summary",
    "trafficctl://sessions/~all/summary",
    "file:///etc/passwd",
  ])("%s is none", async (uri) => {
    await expect(client.client.readResource({ uri })).rejects.toThrow(/there is no resource/);
  });

  test("of a session that is not there is an error", async () => {
    await expect(client.client.readResource({ uri: "trafficctl://sessions/absent/summary" })).rejects.toThrow(
      /there is no session 'absent'/,
    );
  });

  test("names of sessions are completed", async () => {
    const { completion } = await client.client.complete({
      ref: { type: "ref/resource", uri: "trafficctl://sessions/{session}/summary" },
      argument: { name: "session", value: "ma" },
    });
    expect(completion.values).toEqual(["made"]);
  });
});

test("a subscription tells of a change, until it is ended", async () => {
  const updated: string[] = [];
  client.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    updated.push(params.uri);
  });
  const uri = "trafficctl://status";
  await client.client.subscribeResource({ uri });
  await client.ok("start_capture");
  await expect.poll(() => updated, { timeout: 20_000 }).toEqual([uri]);
  await client.client.unsubscribeResource({ uri });
  await client.client.subscribeResource({ uri: "trafficctl://sessions" });
  await client.ok("stop_capture");
  await expect.poll(() => updated, { timeout: 20_000 }).toContain("trafficctl://sessions");
  expect(updated.filter((each) => each === uri)).toHaveLength(1);
});

describe("prompts", () => {
  test("name tools that are there", async () => {
    const { prompts } = await client.client.listPrompts();
    const { tools } = await client.client.listTools();
    const names = new Set(tools.map(({ name }) => name));
    expect(prompts.map(({ name }) => name)).toEqual([
      "debug_failing_request",
      "compare_captures",
      "mock_from_traffic",
    ]);
    for (const { name } of prompts) {
      const { messages } = await client.client.getPrompt({
        name,
        arguments: { before: "made", session: "made" },
      });
      const { text } = z.object({ text: z.string() }).parse(messages[0]?.content);
      expect(text).toContain("made");
      for (const word of text.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []) expect(names, word).toContain(word);
    }
  });

  test("one that is not there is an error", async () => {
    await expect(client.client.getPrompt({ name: "nothing" })).rejects.toThrow(/there is no prompt/);
  });
});
