// How a tool chooses exchanges: the arguments that they share, and what they mean to the operations.
import { z } from "zod";
import { TrafficError } from "../errors.js";
import type { Choice } from "../operations/query.js";
import { learnAhead } from "./learn-ahead.js";
import type { ToolContext } from "./tool.js";

const texts = (what: string) => z.array(z.string().min(1).max(2000)).max(50).exactOptional().describe(what);

/** A session for operations that read. */
export const SESSION = z
  .string()
  .min(1)
  .max(4096)
  .default("last")
  .describe("Session name (or unique beginning), 'last', or a .har file or session folder inside the roots");

const SOURCES = SESSION.describe(
  "Session name (or unique beginning), 'last', 'all', or a .har file or session folder inside the roots",
);

export const EXCHANGE = z
  .string()
  .regex(/^[0-9A-Za-z]{1,26}$/)
  .describe("seq, id, or unique beginning of the id");

const flags = {
  methods: texts("Any of these methods"),
  hostnames: texts("Any of these: part of the host name, or glob with *"),
  urls: texts("Any of these: part of the URL, or /regex/"),
  statuses: texts("Any of these: 404, 5xx, 400..499"),
  texts: texts("Any of these texts in URL, headers or bodies"),
  from: z.string().max(100).exactOptional().describe("Started then or later: 2026-11-20T10:00:00Z"),
  to: z.string().max(100).exactOptional().describe("Started before"),
};
const flagSchema = z.object(flags);

export const FILTER = z
  .string()
  .max(4000)
  .exactOptional()
  .describe("Filter: '~c 5xx', '~m POST & ~d api.example.com', '~e' (failed); explain_filters has all");

/** Where a filter is enough. */
export const CHOSEN = { session: SOURCES, filter: FILTER };
export const CHOICE = { ...CHOSEN, ...flags };

type ChoiceInput = z.output<z.ZodObject<typeof CHOSEN>> & z.output<typeof flagSchema>;

/** @throws Refusal, and BAD_OPTION where the session can't be one */
export async function choiceOf(input: ChoiceInput, context: ToolContext): Promise<Choice> {
  return {
    home: context.settings.home,
    words: [await sourceOf(input.session, context)],
    filter: input.filter,
    flags: flagSchema.parse(input),
  };
}

/** Of exchanges that will be shown. @throws as `choiceOf`, and as `query` */
export async function shownChoice(input: ChoiceInput, context: ToolContext): Promise<Choice> {
  const choice = await choiceOf(input, context);
  await learnAhead(choice.words, context);
  return choice;
}

/** A source of which something will be shown. @throws as `sourceOf`, and as `query` */
export async function shownSource(session: string, context: ToolContext): Promise<string> {
  const source = await sourceOf(session, context);
  await learnAhead([source], context);
  return source;
}

/** @returns a name as it is, a path as its real one. @throws Refusal, BAD_OPTION, FILE_NOT_FOUND */
export async function sourceOf(session: string, { roots }: ToolContext): Promise<string> {
  const isName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(session);
  if (isName && !/\.(?:har|har\.gz|zhar|zip|jsonl)$/i.test(session)) return session;
  if (/[\\/]|\.(?:har|gz|zhar|zip|jsonl)$/i.test(session)) return await roots.readable(session);
  throw new TrafficError(
    "BAD_OPTION",
    `'${session.slice(0, 200)}' is neither the name of a session nor a path`,
    {
      hint: "list_sessions names the sessions; a filter goes into `filter`",
    },
  );
}
