// `trafficctl intercept edit`: a held message in the person's editor, until it can be sent.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { editOf, messageText } from "../operations/intercept/message-text.js";
import { type HeldSummary, resumeHeld, type ShownHeld, showHeld } from "../operations/intercept.js";

interface EditedHeld extends HeldSummary {
  readonly session: string;
  /** False: nothing was changed, and it is held still. */
  readonly edited: boolean;
}

/** @throws TrafficError EXCHANGE_NOT_FOUND, BAD_OPTION, COMMAND_NOT_FOUND, and what the connection throws */
export async function editHeld(input: {
  readonly home: string;
  readonly session?: string;
  readonly id: number;
}): Promise<EditedHeld> {
  const shown = await showHeld(input);
  if (shown.decided !== "continues") {
    throw new TrafficError(
      "BAD_OPTION",
      `exchange ${input.id} can't be edited: a rule has decided it already`,
      {
        hint: "resume it, and edit the response when that is held",
      },
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "trafficctl-edit-"));
  try {
    return await untilSendable(join(folder, `${shown.phase}.http`), shown, input);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilSendable(
  path: string,
  shown: ShownHeld & { readonly session: string },
  input: Parameters<typeof resumeHeld>[0],
): Promise<EditedHeld> {
  await writeFile(path, messageText(shown, remarks(shown)), { mode: 0o600 });
  for (;;) {
    await openEditor(path);
    const text = await readFile(path);
    try {
      const edit = editOf(text, shown);
      if (edit === undefined) return { ...shown, edited: false };
      return { ...(await resumeHeld({ ...input, edit })), edited: true };
    } catch (error) {
      // Who sits at the terminal gets another try with the mistake on top; a script gets the mistake.
      if (!(error instanceof TrafficError) || error.code !== "BAD_OPTION" || !process.stdin.isTTY)
        throw error;
      const problem = [error.message, error.hint].filter((part) => part !== undefined).join(": ");
      await writeFile(path, Buffer.concat([Buffer.from(`# ${problem}\n`, "latin1"), text]));
    }
  }
}

function remarks({ id, phase, message }: ShownHeld): string[] {
  const coding = message.headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1];
  return [
    `Held ${phase} ${id}: it goes on with what you change. Left as it is, or emptied, it stays held.`,
    ...(coding === undefined ? [] : [`The body is shown without its coding, and gets it again: ${coding}`]),
  ];
}

/** As git does: $EDITOR is a shell's words, and the file is one more. */
function openEditor(path: string): Promise<void> {
  const isWindows = process.platform === "win32";
  const editor = process.env.VISUAL || process.env.EDITOR || (isWindows ? "notepad" : "vi");
  return new Promise((resolve, reject) => {
    const child = isWindows
      ? spawn(`${editor} "${path}"`, { stdio: "inherit", shell: true })
      : spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    child.once("error", (cause) =>
      reject(
        new TrafficError("COMMAND_NOT_FOUND", `${editor} can't be run (${systemCode(cause)})`, { cause }),
      ),
    );
    child.once("close", (code) => {
      if (code === 0) return resolve();
      reject(
        new TrafficError("IO_FAILED", `${editor} ended with ${code ?? "a signal"}: nothing was changed`, {
          hint: "set EDITOR to the editor that you use",
        }),
      );
    });
  });
}
