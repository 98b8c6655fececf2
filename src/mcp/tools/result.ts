// The rest of a result that did not fit and can't be had again.
import { z } from "zod";
import { fitted } from "../budget.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { OBJECT, PAGE } from "../output.js";
import { defineTool, READS, type Tool } from "../tool.js";

const readResult = defineTool({
  name: "read_result",
  title: "Read the rest of a result",
  toolset: "capture",
  alsoIn: ["replay"],
  description:
    "All rows of a result that did not fit, page by page: of replay_exchanges, or the output of run_command. Runs and sends nothing again. The last 20 results of a client are kept while it is connected.",
  input: {
    result: z.string().min(1).max(100).describe("`result` of the answer that did not fit"),
    limit: z.number().int().min(1).max(5000).default(500).describe("Rows of a page; default 500"),
    cursor: CURSOR,
  },
  output: { about: OBJECT, rows: z.array(z.unknown()), ...PAGE },
  effects: READS,
  run: async (input, { kept, settings }) => {
    const offset = startOf("read_result", input);
    const { rows: all, about, beyond } = kept.get(input.result);
    const rows = all.slice(offset, offset + input.limit);
    const more = offset + rows.length < all.length;
    const page = { tool: "read_result", args: input, rows, offset, more, total: all.length };
    return fitted(page, settings.budget, (shown, facts) => ({
      text: `${input.result}.${restText(facts)}${beyond === 0 ? "" : ` ${beyond} more were not kept.`}`,
      data: { about, rows: shown, ...facts },
      traffic: shown.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"),
    }));
  },
});

export const RESULT_TOOLS: readonly Tool[] = [readResult];
