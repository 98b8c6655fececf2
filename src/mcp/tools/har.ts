// HAR files: out, in, and whether they are right; a session without its secrets.
import { z } from "zod";
import type { ExportReport } from "../../operations/export-har.js";
import { CHOICE, CHOSEN, choiceOf } from "../choice.js";
import { COUNT, MAYBE_TEXT, NEW_SESSION_FACTS, REDACTED, TEXT } from "../output.js";
import { Refusal } from "../refusal.js";
import { ADDS, CHANGES, defineTool, type Tool, type ToolContext } from "../tool.js";
import { NEW_SESSION } from "./sessions.js";

const PATH = z.string().min(1).max(4096);
const POLICY = PATH.exactOptional().describe(
  "Redaction policy file (YAML or JSON) inside the roots, on top of the built-in one",
);

const exportHar = defineTool({
  name: "export_har",
  title: "Export a HAR file",
  toolset: "har",
  description:
    "Writes exchanges as a HAR 1.2 file that Chrome, Firefox and Playwright load, secrets in URLs, headers, bodies and messages replaced. All that match, without an upper limit: what `limit` or `maxBody` leaves out is counted in the answer. A file of that name is replaced. Use it to hand traffic to a person or another tool.",
  input: {
    ...CHOICE,
    output: PATH.regex(/\.(?:har|har\.gz|zhar)$/i).describe("File inside the roots: .har, .har.gz or .zhar"),
    sort: z.enum(["asc", "desc", "duration", "size"]).default("asc").describe("By start; default asc"),
    limit: z.number().int().min(1).exactOptional().describe("Exchanges at most; default all"),
    ids: z
      .array(z.string().regex(/^[0-9A-Za-z]{26}$/))
      .max(10_000)
      .exactOptional()
      .describe("Only these exchanges, by id"),
    bodies: z.boolean().default(true).describe("false leaves the bodies out"),
    maxBody: z.number().int().min(0).exactOptional().describe("Bytes to keep of each body; default all"),
    policy: POLICY,
    redact: z
      .boolean()
      .default(true)
      .describe("false writes secrets as they are: only with a server started with --no-redact"),
  },
  output: {
    path: MAYBE_TEXT,
    entries: COUNT,
    tunnels: COUNT,
    leftOut: COUNT,
    partialBodies: COUNT,
    missingBodies: COUNT,
    unknownIds: z.array(TEXT),
    redaction: REDACTED,
    damagedLines: COUNT,
  },
  effects: { ...CHANGES, destructiveHint: true },
  run: async (input, context) => {
    const { limit, ids, bodies, maxBody, sort } = input;
    const operation = await import("../../operations/export-har.js");
    const redact = await redactionOf(input, context);
    const report = await operation.exportHar({
      ...(await choiceOf(input, context)),
      output: await context.roots.writable(input.output),
      sort,
      limit,
      ids,
      bodies,
      maxBody,
      ...(redact === undefined ? {} : { redact }),
      signal: context.signal,
      onExported: inTwo(context, redact === "off"),
    });
    return { text: exportText(report), data: exportData(report) };
  },
});

/** What is redacted is gone through twice: to learn what is secret, and to write. */
function inTwo({ progress }: ToolContext, isOnce: boolean) {
  return ({ what, done, total }: { what: string; done: number; total: number }): void => {
    if (isOnce) progress(done, total);
    else progress(what === "learning" ? done : total + done, 2 * total);
  };
}

async function redactionOf(
  { redact, policy }: { readonly redact: boolean; readonly policy?: string },
  { settings, roots }: ToolContext,
) {
  if (!redact && settings.redact) {
    throw new Refusal(
      "this server writes nothing that is not redacted",
      "the user can start it with `trafficctl mcp --no-redact`, or run `trafficctl export --no-redact`",
    );
  }
  if (!redact) return "off" as const;
  if (policy === undefined) return undefined;
  const { readPolicy } = await import("../../operations/redaction.js");
  return await readPolicy(await roots.readable(policy));
}

function exportText({
  path,
  entries,
  tunnels,
  leftOut,
  partialBodies,
  missingBodies,
  redaction,
}: ExportReport): string {
  const notes = [
    `${path ?? "HAR"}: ${entries} entries.`,
    redaction === null
      ? "Not redacted."
      : `${redaction.total} places were redacted (${redaction.secrets} secrets).`,
    leftOut === 0 ? "" : `${leftOut} more matched and are not in it (limit).`,
    tunnels === 0 ? "" : `${tunnels} tunnels are not in it: nothing of HTTP was seen in them.`,
    partialBodies === 0 ? "" : `${partialBodies} bodies are not complete.`,
    missingBodies === 0 ? "" : `${missingBodies} bodies are not in it.`,
  ];
  return notes.filter((note) => note !== "").join(" ");
}

function exportData({ sources, unknownIds, ...report }: ExportReport) {
  return {
    ...report,
    unknownIds: unknownIds.slice(0, 50),
    damagedLines: sources.reduce((sum, { lines }) => sum + lines.damaged, 0),
  };
}

const redactSession = defineTool({
  name: "redact_session",
  title: "Copy a session without its secrets",
  toolset: "har",
  description:
    "Writes a new session with the same exchanges, secrets replaced as an export does, so that it can be given away. The session itself stays as it is. To hand over a file use export_har.",
  input: { ...CHOSEN, into: NEW_SESSION, policy: POLICY },
  output: { ...NEW_SESSION_FACTS, redaction: REDACTED },
  effects: ADDS,
  run: async ({ into, policy, ...input }, context) => {
    const operation = await import("../../operations/redact-session.js");
    const { readPolicy } = await import("../../operations/redaction.js");
    const redacted = await operation.redactSession({
      ...(await choiceOf(input, context)),
      into,
      policy: policy === undefined ? undefined : await readPolicy(await context.roots.readable(policy)),
      signal: context.signal,
      onRedacted: inTwo(context, false),
    });
    const { id, path, counts, redaction } = redacted;
    return {
      text: `Session ${id} has ${counts.exchanges} exchanges; ${redaction.total} places were redacted (${redaction.secrets} secrets).`,
      data: { session: id, path, counts, redaction },
    };
  },
});

export const HAR_TOOLS: readonly Tool[] = [exportHar, redactSession];
