// `trafficctl intercept ...`: breakpoints of a running proxy, and what is held at them.
import { Command } from "commander";
import { TrafficError } from "../errors.js";
import { heldLine, heldTable, heldText } from "./intercept-text.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { printableLine } from "./printable.js";

const EXAMPLES = `
An exchange is held at its request and at its response; its client waits. It goes on when it is resumed, after
--intercept-timeout, when its client leaves, and when the proxy stops. A rule with the action 'pause' holds as well.

Examples:
  $ trafficctl record --intercept '~m POST & ~u /orders'
  $ trafficctl intercept set '~d api.example.com'        from another terminal; '' holds nothing more
  $ trafficctl intercept list
  $ trafficctl intercept edit 3                          opens $EDITOR, and lets it go with the changes
  $ trafficctl intercept resume --all
`;

const SESSION = "name, beginning of a name or 'last'; default: the only proxy that runs";

export function interceptCommand(): Command {
  const intercept = new Command("intercept").description(
    "hold exchanges at breakpoints, edit them, let them go",
  );
  const subcommands = [setCommand, listCommand, showCommand, editCommand, resumeCommand, dropCommand];
  for (const subcommand of subcommands) intercept.addCommand(subcommand());
  return intercept.addHelpText("after", EXAMPLES);
}

function setCommand(): Command {
  return commonCommand("set", "hold what a filter matches")
    .argument("<filter>", "a filter (`trafficctl filters`); '' holds nothing more")
    .argument("[session]", SESSION)
    .addHelpText("after", "\nExample:\n  $ trafficctl intercept set '~m POST & ~u /orders'\n")
    .action(async (filter: string, session: string | undefined, options: CommonOptions) => {
      const { setIntercept } = await import("../operations/intercept.js");
      const input = { ...(await proxyOf(options, session)), filter: filter.trim() === "" ? null : filter };
      const list = await setIntercept(input);
      await printResult(options, list, () =>
        list.filter === null ? "nothing more is held\n" : `${printableLine(list.filter)} is held\n`,
      );
    });
}

function listCommand(): Command {
  return commonCommand("list", "what is held")
    .argument("[session]", SESSION)
    .addHelpText("after", "\nExample:\n  $ trafficctl intercept list --json | jq '.held[].id'\n")
    .action(async (session: string | undefined, options: CommonOptions) => {
      const { listHeld } = await import("../operations/intercept.js");
      const list = await listHeld(await proxyOf(options, session));
      await printResult(options, list, (text) => heldTable(list, text));
    });
}

function showCommand(): Command {
  return commonCommand("show", "a held message, as it would go on")
    .argument("<id>", "its number in `intercept list`")
    .argument("[session]", SESSION)
    .addHelpText("after", "\nExample:\n  $ trafficctl intercept show 3\n")
    .action(async (id: string, session: string | undefined, options: CommonOptions) => {
      const { showHeld } = await import("../operations/intercept.js");
      const held = await showHeld({ ...(await proxyOf(options, session)), id: number(id) });
      await printResult(options, held, (text) => heldText(held, text));
    });
}

function editCommand(): Command {
  return commonCommand("edit", "change a held message with $EDITOR, and let it go")
    .argument("<id>", "its number in `intercept list`")
    .argument("[session]", SESSION)
    .addHelpText(
      "after",
      "\nA message that is left as it is, or emptied, stays held. One with a mistake is opened again; left with it, what was\nwritten is kept in a file.\n\nExample:\n  $ EDITOR=nano trafficctl intercept edit 3\n",
    )
    .action(async (id: string, session: string | undefined, options: CommonOptions) => {
      const { editHeld } = await import("./intercept-edit.js");
      const outcome = await editHeld({ ...(await proxyOf(options, session)), id: number(id) });
      await printResult(options, outcome, () =>
        outcome.edited ? `resumed ${heldLine(outcome)}` : `unchanged, still held: ${heldLine(outcome)}`,
      );
    });
}

function resumeCommand(): Command {
  return commonCommand("resume", "let a held exchange go on")
    .argument("[id]", "its number in `intercept list`")
    .argument("[session]", SESSION)
    .option("--all", "all that are held; then the only argument is the session")
    .addHelpText(
      "after",
      "\nExamples:\n  $ trafficctl intercept resume 3\n  $ trafficctl intercept resume --all\n",
    )
    .action(
      async (
        id: string | undefined,
        session: string | undefined,
        options: CommonOptions & { readonly all?: boolean },
      ) => {
        const { resumeAllHeld, resumeHeld } = await import("../operations/intercept.js");
        if (options.all === true) {
          if (session !== undefined) throw new TrafficError("USAGE", "--all takes no number");
          const { session: name, resumed } = await resumeAllHeld(await proxyOf(options, id));
          await printResult(options, { session: name, resumed }, () =>
            resumed.length === 0
              ? "nothing was held\n"
              : resumed.map((each) => `resumed ${heldLine(each)}`).join(""),
          );
          return;
        }
        if (id === undefined) {
          throw new TrafficError("USAGE", "resume needs a number, or --all", {
            hint: "`trafficctl intercept list` has the numbers",
          });
        }
        const resumed = await resumeHeld({ ...(await proxyOf(options, session)), id: number(id) });
        await printResult(options, resumed, () => `resumed ${heldLine(resumed)}`);
      },
    );
}

function dropCommand(): Command {
  return commonCommand("drop", "close the connection of a held exchange, without an answer")
    .argument("<id>", "its number in `intercept list`")
    .argument("[session]", SESSION)
    .addHelpText("after", "\nExample:\n  $ trafficctl intercept drop 3\n")
    .action(async (id: string, session: string | undefined, options: CommonOptions) => {
      const { dropHeld } = await import("../operations/intercept.js");
      const dropped = await dropHeld({ ...(await proxyOf(options, session)), id: number(id) });
      await printResult(options, dropped, () => `dropped ${heldLine(dropped)}`);
    });
}

async function proxyOf(
  options: CommonOptions,
  session: string | undefined,
): Promise<{ home: string; session?: string }> {
  const home = await homeOf(options);
  return session === undefined ? { home } : { home, session };
}

function number(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TrafficError("BAD_OPTION", `'${text}' is no number of a held exchange`, {
    hint: "`trafficctl intercept list` has the numbers",
  });
}
