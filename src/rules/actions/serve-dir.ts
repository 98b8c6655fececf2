// serve-dir: answers from files of a folder (map local).
import { z } from "zod";
import { pathOf } from "../../exchange/url.js";
import { defineAction } from "../acting.js";
import type { Answer } from "../answer.js";
import { typeOfFile } from "../mime.js";
import { reasonOf } from "../response-draft.js";
import { lookUp, type ServedFile } from "../served-file.js";
import { segmentsOf } from "../served-path.js";

const folder = z.string().min(1).describe("The folder, relative to the rule file.");
const schema = z.union([
  folder,
  z.strictObject({
    dir: folder,
    strip: z
      .string()
      .startsWith("/")
      .default("/")
      .describe(
        "What goes from the beginning of the URL's path: with /static/, /static/a.js is a.js in the folder.",
      ),
    index: z.string().min(1).default("index.html").describe("The file that stands for a folder."),
    missing: z
      .enum(["404", "pass"])
      .default("404")
      .describe("What happens where there is no such file: an answer 404, or the request goes on."),
  }),
]);

export const serveDir = defineAction({
  name: "serve-dir",
  terminal: true,
  bare: undefined,
  help: "Answers GET and HEAD with the files of a folder, which it never leaves; anything else with 405.",
  example: `
name: my build in place of theirs
match: {host: www.example.com, path: /static/*}
actions:
  serve-dir: {dir: ./dist, strip: /static/, missing: pass}
`,
  schema,
  async compile(settings, scope) {
    const isObject = typeof settings === "object";
    const options = isObject
      ? settings
      : { dir: settings, strip: "/", index: "index.html", missing: "404" as const };
    const { dir, strip, index, missing } = options;
    const here = isObject ? scope.at("dir") : scope;
    const root = (await here.attemptAsync(() => scope.files.folder(dir))) ?? "";
    return {
      does: `answers with the files of ${dir}`,
      async once(draft, { method, url }) {
        if (method !== "GET" && method !== "HEAD") {
          draft.answer = plain(405, [["Allow", "GET, HEAD"]]);
          return;
        }
        const [path = "/", query] = pathOf(url).split(/(?=\?)/, 2);
        const answer = await answerFor(root, { path, query: query ?? "", strip, index });
        if (answer !== undefined || missing === "404") draft.answer = answer ?? plain(404);
      },
    };
  },
});

interface Wanted {
  readonly path: string;
  readonly query: string;
  readonly strip: string;
  readonly index: string;
}

async function answerFor(root: string, { path, query, strip, index }: Wanted): Promise<Answer | undefined> {
  // The folder itself, without the slash that makes it one.
  if (`${path}/` === strip) return moved(path, query);
  const segments = segmentsOf(path, strip);
  if (segments === undefined) return undefined;
  const found = await lookUp(root, segments);
  // A name with a slash behind it is a folder.
  if (found.kind === "file")
    return path.endsWith("/") && segments.length > 0 ? undefined : served(found.file);
  if (found.kind === "none") return undefined;
  if (!path.endsWith("/")) return moved(path, query);
  const inside = await lookUp(root, [...segments, index]);
  return inside.kind === "file" ? served(inside.file) : undefined;
}

/** Relative links need the slash. Several at the beginning would name another host. */
function moved(path: string, query: string): Answer {
  return plain(301, [["Location", `${path.replace(/^\/{2,}/, "/")}/${query}`]]);
}

function served(file: ServedFile): Answer {
  return {
    status: 200,
    reason: reasonOf(200),
    headers: [
      ["Content-Type", typeOfFile(file.path)],
      ["Content-Length", String(file.size)],
      ["Last-Modified", file.modified.toUTCString()],
    ],
    body: file,
  };
}

function plain(status: number, headers: readonly (readonly [string, string])[] = []): Answer {
  const body = Buffer.from(`${status} ${reasonOf(status)}\n`);
  return {
    status,
    reason: reasonOf(status),
    headers: [
      ...headers,
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Content-Length", String(body.length)],
    ],
    body,
  };
}
