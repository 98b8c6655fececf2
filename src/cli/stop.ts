// `trafficctl stop`: ends a running proxy, and waits until all is on disk.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { StoppedProxy } from "../operations/stop.js";
import { type CommonOptions, commonCommand, homeOf, printResult, warn } from "./output.js";
import { plural } from "./plural.js";
import { formatSize } from "./units.js";

const EXAMPLES = `
Exchanges under way get some seconds, as with Ctrl-C; a command that is recorded is ended first.

Examples:
  $ trafficctl stop                   the one that runs
  $ trafficctl stop smoke
  $ trafficctl stop --all
`;

export function stopCommand(): Command {
  return commonCommand("stop", "stop a running proxy")
    .usage("[options] [SESSION]")
    .argument("[session]", "name, beginning of a name, 'last' or path; default: the only one that runs")
    .option("--all", "all that run")
    .addHelpText("after", EXAMPLES)
    .action(async (session: string | undefined, options: CommonOptions & { readonly all?: boolean }) => {
      if (options.all === true && session !== undefined) {
        throw new TrafficError("USAGE", "--all takes no session", { hint: "leave one of them away" });
      }
      const home = await homeOf(options);
      const { stopAllProxies, stopProxy } = await import("../operations/stop.js");
      if (options.all === true) {
        const { stopped, failures } = await stopAllProxies({ home });
        const none = failures.length === 0 ? "no proxy is running\n" : "";
        await printResult(options, { stopped }, () => stopped.map(describe).join("") || none);
        const [first, ...others] = failures;
        for (const { message } of others) warn(message);
        if (first !== undefined) throw first;
        return;
      }
      const stopped = await stopProxy(session === undefined ? { home } : { home, session });
      await printResult(options, stopped, () => describe(stopped));
    });
}

function describe({ session, counts }: StoppedProxy): string {
  const parts = [
    plural(counts.exchanges, "exchange"),
    ...(counts.messages > 0 ? [plural(counts.messages, "WebSocket message")] : []),
    formatSize(counts.bytes),
    ...(counts.errors > 0 ? [plural(counts.errors, "error")] : []),
    ...(counts.dropped > 0 ? [`${counts.dropped} dropped`] : []),
  ];
  return `stopped ${session}: ${parts.join(", ")}\n`;
}
