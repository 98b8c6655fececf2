// Keeps docs/redaction.md what the tables say. `npx vitest run test/redact/document.test.ts -u` writes it.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { redactionDocument } from "./document.js";

test("docs/redaction.md", async () => {
  await expect(redactionDocument()).toMatchFileSnapshot(
    resolve(import.meta.dirname, "../../docs/redaction.md"),
  );
});
