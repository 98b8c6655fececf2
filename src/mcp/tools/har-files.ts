// HAR files of any tool: in, and whether they are right.
import { z } from "zod";
import { fitted } from "../budget.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, FLAG, NEW_SESSION_FACTS, PAGE, TEXT } from "../output.js";
import { ADDS, defineTool, READS, type Tool } from "../tool.js";
import { NEW_SESSION } from "./sessions.js";

const PATH = z.string().min(1).max(4096);

const importHar = defineTool({
  name: "import_har",
  title: "Import HAR files",
  toolset: "har",
  description:
    "Makes a new session of HAR files of any tool (.har, .har.gz, .zhar, Playwright's .zip), so that all other tools work on it. Keeps what can be kept and says what was skipped or repaired; with `strict` refuses at the first fault and leaves nothing. The files stay as they are. To look into a HAR once, `session` of the query tools takes its path.",
  input: {
    files: z.array(PATH).min(1).max(100).describe("Files inside the roots"),
    name: NEW_SESSION.exactOptional().describe("Name of the new session; default a time stamp"),
    strict: z.boolean().default(false).describe("Refuse at the first fault; default false"),
  },
  output: {
    ...NEW_SESSION_FACTS,
    files: z.array(z.object({ file: TEXT, exchanges: COUNT, skippedCount: COUNT, repairCount: COUNT })),
  },
  effects: ADDS,
  run: async ({ files, name, strict }, context) => {
    const operation = await import("../../operations/import-har.js");
    const paths = await Promise.all(files.map((file) => context.roots.readable(file)));
    const onProgress = ({ done, total }: { done: number; total: number }): void =>
      context.progress(done, total);
    const report = await operation.importHar({
      home: context.settings.home,
      files: paths,
      name,
      strict,
      onProgress,
    });
    const { id, path, counts } = report;
    const { safe } = context;
    const imported = report.files.map(({ skipped, repairs, ...file }) => ({
      ...file,
      skipped: skipped.slice(0, 20).map((each) => ({ ...each, why: safe.text(each.why) })),
      repairs: repairs.slice(0, 20).map((each) => ({ ...each, what: safe.text(each.what) })),
    }));
    const sum = (of: "skippedCount" | "repairCount"): number =>
      imported.reduce((all, file) => all + file[of], 0);
    return {
      text: `Session ${id} has ${counts.exchanges} exchanges. ${sum("skippedCount")} entries were skipped, ${sum("repairCount")} repairs made; validate_har names all faults.`,
      data: { session: id, path, counts, files: imported },
      traffic: "",
    };
  },
});

const validateHar = defineTool({
  name: "validate_har",
  title: "Validate a HAR file",
  toolset: "har",
  description:
    "Checks a HAR file against the HAR 1.2 schema and stricter rules, or only for what one reader needs (chrome, firefox, playwright): each finding with its entry, path, severity and what to do. Changes nothing. The first 1,000 findings are named, all are counted.",
  input: {
    file: PATH.describe("File inside the roots"),
    consumer: z
      .enum(["chrome", "firefox", "playwright"])
      .exactOptional()
      .describe("Only what matters to this reader"),
    limit: z.number().int().min(1).max(500).default(50).describe("Findings of a page; default 50"),
    cursor: CURSOR,
  },
  output: {
    valid: FLAG,
    errors: COUNT,
    warnings: COUNT,
    findings: z.array(
      z.object({ entry: COUNT.exactOptional(), path: TEXT, severity: TEXT, message: TEXT, fix: TEXT }),
    ),
    ...PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const { consumer, limit } = input;
    const offset = startOf("validate_har", input);
    const operation = await import("../../operations/validate-har.js");
    const file = await context.roots.readable(input.file);
    const result = await operation.validateHar({ file, ...(consumer === undefined ? {} : { consumer }) });
    const { valid, errors, warnings, findings } = result;
    const rows = findings
      .slice(offset, offset + limit)
      .map((finding) => ({ ...finding, message: context.safe.text(finding.message) }));
    const more = offset + rows.length < findings.length;
    const page = { tool: "validate_har", args: input, rows, offset, more, total: findings.length };
    return fitted(page, context.settings.budget, (shown, facts) => ({
      text: `${valid ? "Valid" : "Not valid"}: ${errors} errors, ${warnings} warnings.${restText(facts)}`,
      data: { valid, errors, warnings, findings: shown, ...facts },
      traffic: shown
        .map(
          ({ entry, severity, path, message, fix }) =>
            `${severity}  entry ${entry ?? "-"}  ${path}: ${message} ${fix}`,
        )
        .join("\n"),
    }));
  },
});

export const HAR_FILE_TOOLS: readonly Tool[] = [importHar, validateHar];
