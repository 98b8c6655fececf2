// Names of rules and tags stand beside what was sent, and may hold secrets as well.
import { expect, test } from "vitest";
import { Redaction } from "../../src/operations/redaction.js";
import { httpExchange } from "../session/support.js";

test("names of rules and tags leave redacted", () => {
  const rules = ["--set-header Authorization: Bearer abc123SECRETxyz789", "plain"];
  const tags = ["https://bob:s3cretpw0rd@b.example.com"];
  const clean = new Redaction().exchange({ ...httpExchange(), rules, tags });
  expect(clean.rules).toEqual(["--set-header Authorization: Bearer REDACTED-1", "plain"]);
  expect(clean.tags).toEqual(["https://bob:REDACTED-2@b.example.com"]);
});
