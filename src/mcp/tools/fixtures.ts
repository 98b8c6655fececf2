// Fixtures of recorded exchanges, for tests to be answered from.
import { z } from "zod";
import { CHOSEN, choiceOf } from "../choice.js";
import { COUNT, MAYBE_TEXT, REDACTED } from "../output.js";
import { CHANGES, defineTool, type Tool } from "../tool.js";

const recordFixtures = defineTool({
  name: "record_fixtures",
  title: "Make fixtures of recorded exchanges",
  toolset: "serve",
  description:
    "Writes recorded exchanges as fixtures for tests: a readable JSON file, redacted (bodies too), the same bytes for the same recording, safe to commit. start_serving and `trafficctl serve` answer from it. A file of that name is replaced. For DevTools use export_har.",
  input: {
    ...CHOSEN,
    output: z
      .string()
      .regex(/\.json$/i)
      .max(4096)
      .describe("File inside the roots: .json"),
    paths: z
      .array(z.string().min(1).max(2000))
      .max(100)
      .exactOptional()
      .describe("Only these paths and what is below them"),
    format: z
      .enum(["fixtures", "mockserver"])
      .default("fixtures")
      .describe("mockserver: MockServer's expectations"),
  },
  output: {
    path: MAYBE_TEXT,
    exchanges: COUNT,
    unanswered: COUNT,
    incompleteBodies: COUNT,
    redaction: REDACTED,
  },
  effects: { ...CHANGES, destructiveHint: true },
  run: async (input, context) => {
    const { makeFixtures } = await import("../../operations/fixtures.js");
    const report = await makeFixtures({
      ...(await choiceOf(input, context)),
      output: await context.roots.writable(input.output),
      paths: input.paths,
      format: input.format,
      ...(context.settings.redact ? {} : { redact: "off" as const }),
      signal: context.signal,
    });
    const { sources: _sources, ...data } = report;
    const redacted =
      report.redaction === null ? "Not redacted." : `${report.redaction.total} places were redacted.`;
    const left =
      report.unanswered === 0 ? "" : ` ${report.unanswered} exchanges without an answer are not in it.`;
    return { text: `${report.path}: ${report.exchanges} exchanges. ${redacted}${left}`, data };
  },
});

export const FIXTURE_TOOLS: readonly Tool[] = [recordFixtures];
