// `trafficctl sessions ...`: flags to the session operations, their results to text or JSON.
import { Command } from "commander";
import type { SessionInfo } from "../operations/sessions.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";

/** The `sessions` command with its subcommands. */
export function sessionsCommand(): Command {
  const sessions = new Command("sessions").description("the recordings on disk");
  for (const subcommand of [listCommand, showCommand, deleteCommand, recoverCommand, pathCommand]) {
    sessions.addCommand(subcommand());
  }
  return sessions.addHelpText(
    "after",
    `
A session is named by its name, a beginning of it that no other has, 'last', or the path of its folder.

Examples:
  $ trafficctl sessions list
  $ trafficctl sessions show last
  $ jq -r 'select(.type == "exchange") | .request.url' "$(trafficctl sessions path last)/exchanges.jsonl"
`,
  );
}

function listCommand(): Command {
  return commonCommand("list", "all sessions, the oldest first")
    .action(async (options: CommonOptions) => {
      const { listSessions } = await import("../operations/sessions.js");
      const sessions = await listSessions({ home: await homeOf(options) });
      const { describeSessions } = await import("./sessions-text.js");
      await printResult(options, { sessions: sessions.map(summary) }, (text) =>
        describeSessions(sessions, text),
      );
    })
    .addHelpText(
      "after",
      "\nExample:\n  $ trafficctl sessions list --json | jq '.sessions[] | select(.state == \"crashed\")'\n",
    );
}

function showCommand(): Command {
  return commonCommand("show", "what is known of one session")
    .argument("<session>", "name, beginning of a name, 'last' or path")
    .action(async (session: string, options: CommonOptions) => {
      const { showSession } = await import("../operations/sessions.js");
      const details = await showSession({ home: await homeOf(options), session });
      const { describeSession } = await import("./sessions-text.js");
      await printResult(options, details, (text) => describeSession(details, text));
    })
    .addHelpText("after", "\nExample:\n  $ trafficctl sessions show last\n");
}

function deleteCommand(): Command {
  return commonCommand("delete", "remove a session from the disk")
    .argument("<session>", "name, beginning of a name, 'last' or path")
    .option("-f, --force", "even while it is being recorded")
    .action(async (session: string, options: CommonOptions & { readonly force?: boolean }) => {
      const { deleteSession } = await import("../operations/sessions.js");
      const deleted = await deleteSession({
        home: await homeOf(options),
        session,
        force: options.force === true,
      });
      const { describeDeletion } = await import("./sessions-text.js");
      await printResult(options, deleted, () => describeDeletion(deleted));
    })
    .addHelpText("after", "\nExample:\n  $ trafficctl sessions delete 2026-11-20T10-15-30-123\n");
}

/** `trafficctl rm`: several at once. */
export function removeCommand(): Command {
  return commonCommand("rm", "remove sessions from the disk")
    .argument("<sessions...>", "names, beginnings of names, 'last' or paths")
    .option("-f, --force", "even while one is being recorded")
    .action(async (sessions: string[], options: CommonOptions & { readonly force?: boolean }) => {
      const { deleteSessions } = await import("../operations/sessions.js");
      const deleted = await deleteSessions({
        home: await homeOf(options),
        sessions,
        force: options.force === true,
      });
      const { describeDeletion } = await import("./sessions-text.js");
      await printResult(options, { deleted }, () => deleted.map(describeDeletion).join(""));
    })
    .addHelpText(
      "after",
      "\nNone is removed where one of them can't be.\n\nExample:\n  $ trafficctl rm smoke-1 smoke-2\n",
    );
}

function recoverCommand(): Command {
  return commonCommand("recover", "complete a session whose recorder crashed or was killed")
    .argument("<session>", "name, beginning of a name, 'last' or path")
    .action(async (session: string, options: CommonOptions) => {
      const { recoverSession } = await import("../operations/sessions.js");
      const recovered = await recoverSession({ home: await homeOf(options), session });
      const { describeRecovery } = await import("./sessions-text.js");
      await printResult(options, recovered, (text) => describeRecovery(recovered, text));
    })
    .addHelpText(
      "after",
      "\nNothing whole is lost; commands that only read a session do so without recovering it.\n\nExample:\n  $ trafficctl sessions recover last\n",
    );
}

function pathCommand(): Command {
  return commonCommand("path", "print the path of a session's folder")
    .argument("<session>", "name, beginning of a name, 'last' or path")
    .action(async (session: string, options: CommonOptions) => {
      const { sessionPath } = await import("../operations/sessions.js");
      const path = await sessionPath({ home: await homeOf(options), session });
      await printResult(options, { path }, () => `${path}\n`);
    })
    .addHelpText("after", '\nExample:\n  $ cd "$(trafficctl sessions path last)"\n');
}

/** The list leaves out what `show` has. */
function summary({ manifest, ...session }: SessionInfo): object {
  const { name, stop } = manifest ?? {};
  return { ...session, ...(name === undefined ? {} : { name }), ...(stop === undefined ? {} : { stop }) };
}
