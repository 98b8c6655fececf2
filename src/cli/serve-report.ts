// What `serve` says while it runs: JSON events on stdout, or lines for people on stderr.
import { type Hit, type Miss, missSentence, type RunningServer } from "../operations/serve.js";
import type { ServeOutcome } from "../operations/serve-until.js";
import { plural } from "./plural.js";
import { type Colours, coloursFor } from "./print.js";
import { printable } from "./printable.js";

export interface ServeReport {
  ready(server: RunningServer): void;
  hit(hit: Hit): void;
  miss(miss: Miss): void;
  stopped(outcome: ServeOutcome): void;
}

/** One JSON object a line, like `record --json`. */
export function jsonServeReport(write: (line: string) => void): ServeReport {
  const event = (value: object): void => write(`${JSON.stringify(value)}\n`);
  return {
    ready: ({ host, port, url, ca, exchanges, session }) =>
      event({
        event: "ready",
        host,
        port,
        url,
        caCert: ca.certPath,
        caFingerprint: ca.fingerprint256,
        exchanges,
        ...(session === undefined ? {} : { session: session.id, sessionPath: session.path }),
      }),
    hit: (hit) => event({ event: "answer", ...hit }),
    miss: (miss) => event({ event: "miss", ...miss }),
    stopped: ({ hits, misses, session, commandExitCode }) =>
      event({
        event: "stopped",
        hits,
        misses,
        ...(session === undefined ? {} : { session: session.id, sessionPath: session.path }),
        ...(commandExitCode === undefined ? {} : { commandExitCode }),
      }),
  };
}

/**
 * @param stream where the text ends up: its colours count
 * @param options.quiet only misses are said
 */
export function textServeReport(
  write: (text: string) => void,
  stream: NodeJS.WriteStream,
  options: { readonly quiet: boolean; readonly command: boolean },
): ServeReport {
  const colours = coloursFor(stream);
  const say = (text: string): void => {
    if (!options.quiet) write(text);
  };
  return {
    ready: (server) => say(banner(server, colours, options.command)),
    hit: ({ method, url, status, seq }) =>
      say(`${method} ${printable(url)} ${colours.green(String(status))} ${colours.dim(`#${seq}`)}\n`),
    miss: (miss) => write(`${colours.yellow("miss:")} ${printable(missSentence(miss))}\n`),
    stopped: ({ hits, misses, session }) => {
      const missed = misses === 0 ? "no misses" : colours.yellow(plural(misses, "miss", "misses"));
      const path = session === undefined ? "" : `  ${colours.dim(session.path)}\n`;
      say(`\n${colours.bold("served")} ${plural(hits, "answer")}, ${missed}\n${path}`);
    },
  };
}

function banner({ url, exchanges, ca }: RunningServer, colours: Colours, command: boolean): string {
  const title = `${colours.bold("trafficctl")} answers from ${plural(exchanges, "exchange")} on ${colours.cyan(url)}`;
  if (command) return `${title}\n\n`;
  const here = url.replace(/^http:\/\/(0\.0\.0\.0|\[::\])/, "http://127.0.0.1");
  return [
    title,
    `  a server     curl ${here}/path`,
    `  a proxy      curl -x ${here} --cacert ${ca.certPath} https://example.com/path`,
    colours.dim("  Ctrl-C stops"),
    "",
    "",
  ].join("\n");
}
