// Every tool over the protocol: a call that works, one that is refused with a code and a hint, a schema that is valid.
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import type { JsonSchemaType } from "@modelcontextprotocol/sdk/validation/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_BUDGET } from "../../src/mcp/settings.js";
import { TOOLS } from "../../src/mcp/tools.js";
import { makeSession } from "../support/made-session.js";
import { ELSEWHERE, EXAMPLES } from "./examples.js";
import { errorOf, removeAll, stdioClient, type TestClient, tempHome } from "./support.js";

const folders: string[] = [];
let client: TestClient;

beforeAll(async () => {
  const home = await tempHome();
  folders.push(home);
  await makeSession(home, "made");
  client = await stdioClient(home, "--allow-exec", "--allow-send");
  await client.ok("export_har", { session: "made", output: "out.har" });
});

afterAll(async () => {
  await client.close();
  await removeAll(folders);
});

test("every tool has its examples, and only tools have", () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(TOOLS.map(({ name }) => name).sort());
});

test("the list is that of the table, with titles, annotations and schemas that are valid", async () => {
  const { tools } = await client.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
  const validator = new AjvJsonSchemaValidator();
  for (const { name, title, description = "", inputSchema, outputSchema, annotations } of tools) {
    const schema: JsonSchemaType = JSON.parse(JSON.stringify(inputSchema));
    expect(() => validator.getValidator(schema), name).not.toThrow();
    const result: JsonSchemaType = JSON.parse(JSON.stringify(outputSchema));
    const check = validator.getValidator(result);
    expect(check({}).valid, name).toBe(false);
    expect(check({ error: { code: "IO_FAILED", message: "full" } }).valid, name).toBe(true);
    expect(check({ error: {} }).valid, name).toBe(false);
    expect(inputSchema.additionalProperties, name).toBe(false);
    expect(title, name).toBeTruthy();
    expect(description.length, name).toBeGreaterThan(60);
    expect(annotations, name).toMatchObject({
      readOnlyHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: expect.any(Boolean),
    });
    if (annotations?.readOnlyHint === true)
      expect(annotations, name).toMatchObject({ destructiveHint: false, openWorldHint: false });
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {})) {
      expect(schema, `${name}.${argument}`).toHaveProperty("description");
    }
  }
});

describe.each(TOOLS.map(({ name }) => name))("%s", (name) => {
  const example = EXAMPLES[name]!;

  test.skipIf(ELSEWHERE.has(name))("does what it is for", async () => {
    for (const [tool, args] of example.before ?? []) await client.ok(tool, args);
    try {
      const called = await client.ok(name, example.good);
      example.holds(called);
      expect(called.text).not.toBe("");
      expect(called.size).toBeLessThanOrEqual(DEFAULT_BUDGET);
    } finally {
      for (const [tool, args] of example.after ?? []) await client.ok(tool, args);
    }
  });

  test("refuses what is wrong, with a code", async () => {
    const needsProxy = example.code !== "NOT_RUNNING" && name !== "start_capture" && name !== "start_serving";
    const before = needsProxy ? (example.before ?? []).filter(([tool]) => tool !== "duplicate_exchange") : [];
    for (const [tool, args] of before) await client.ok(tool, args);
    try {
      const error = errorOf(await client.call(name, example.bad));
      expect(error).toMatchObject({ code: example.code, message: expect.stringMatching(/\S/) });
    } finally {
      if (before.length > 0) for (const [tool, args] of example.after ?? []) await client.ok(tool, args);
    }
  });

  test("refuses an argument that it does not know", async () => {
    const error = errorOf(await client.call(name, { ...example.good, nonsense: 1 }));
    expect(error.code).toBe("BAD_OPTION");
    expect(error.message).toContain("nonsense");
  });
});

test("a tool that is not there is an error of the protocol", async () => {
  await expect(client.call("rm_rf")).rejects.toThrow(/there is no tool rm_rf/);
});
