// `trafficctl send`: one request, written by a person, recorded.
import type { Command } from "commander";
import { EXIT } from "./exit-code.js";
import { type CommonOptions, commonCommand, homeOf, textOptions, warn, writeOut } from "./output.js";
import { collect } from "./query-options.js";
import { responseText } from "./replay-response.js";
import { addUpstreamOptions, type UpstreamFlags, upstreamInput } from "./replay-upstream.js";
import { openBody, parseHeader } from "./replay-values.js";
import { stopSignal } from "./stop-signal.js";

interface Flags extends CommonOptions, UpstreamFlags {
  readonly request?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly session?: string;
  readonly http1?: boolean;
}

const EXAMPLES = `
It is recorded into a new session, and its response printed. HTTP/2 is spoken where an https origin speaks it. Redirects
are not followed. The exit code is 1 when no whole response came, whatever its status.

Examples:
  $ trafficctl send https://api.example.com/users
  $ trafficctl send https://api.example.com/users -d '{"name":"Ada"}' -H 'X-Test: 1'
  $ trafficctl send https://api.example.com/users/1 -X DELETE --session cleanup
  $ trafficctl send https://api.example.com/files -d @photo.jpg -H 'Content-Type: image/jpeg'
`;

export function sendCommand(): Command {
  const command = commonCommand("send", "send one request, and record it")
    .argument("<url>", "an http or https URL")
    .usage("[options] URL")
    .option("-X, --request <method>", "default GET, with -d POST")
    .option(
      "-H, --header <field>",
      "'Name: value'; 'Name:' leaves a default one out (may be repeated)",
      collect,
    )
    .option("-d, --data <text>", "body: a text, @file, or @- for stdin")
    .option("-s, --session <name>", "name of the new session (default: a time stamp)")
    .option("--http1", "HTTP/1.1 even where the origin speaks HTTP/2");
  return addUpstreamOptions(command).addHelpText("after", EXAMPLES).action(run);
}

async function run(url: string, flags: Flags): Promise<void> {
  const home = await homeOf(flags);
  const { send } = await import("../operations/send.js");
  using stop = stopSignal();
  const { session, id, status, error } = await send({
    home,
    url,
    ...upstreamInput(flags),
    into: flags.session,
    method: flags.request,
    headers: flags.header?.map((text) => parseHeader(text, "--header")),
    ...(flags.data === undefined ? {} : { body: await openBody(flags.data), bodyType: typeOf(flags.data) }),
    http1: flags.http1,
    signal: stop.signal,
  });
  if (flags.json === true) {
    await writeOut(`${JSON.stringify({ session, id, status, error })}\n`);
  } else {
    await writeOut(await responseText(home, session.id, id, await textOptions()));
    if (error !== null) warn(`${error.code}: ${error.message}`);
    warn(`recorded in the session ${session.id}`);
  }
  process.exitCode = error === null ? EXIT.done : EXIT.failed;
}

/** What a text on a command line most likely is; a file says nothing of itself. */
function typeOf(data: string): string | undefined {
  if (data.startsWith("@")) return undefined;
  try {
    JSON.parse(data);
    return "application/json";
  } catch {
    return "application/x-www-form-urlencoded";
  }
}
