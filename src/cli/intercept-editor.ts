// The person's editor on a file, until it ends.
import { spawn } from "node:child_process";
import { systemCode, TrafficError } from "../errors.js";

/**
 * As git does: $VISUAL or $EDITOR is a shell's words, and the file is one more.
 * @throws TrafficError COMMAND_NOT_FOUND, IO_FAILED where it ends with a failure
 */
export async function openEditor(path: string): Promise<void> {
  const isWindows = process.platform === "win32";
  const editor = process.env.VISUAL || process.env.EDITOR || (isWindows ? "notepad" : "vi");
  // Ctrl-C reaches both, and is the editor's: what it means there is for it to say.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  try {
    await ended(editor, path, isWindows);
  } finally {
    process.off("SIGINT", ignore);
  }
}

function ended(editor: string, path: string, isWindows: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = isWindows
      ? spawn(`${editor} "${path}"`, { stdio: "inherit", shell: true })
      : spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    child.once("error", (cause) =>
      reject(
        new TrafficError("COMMAND_NOT_FOUND", `${editor} can't be run (${systemCode(cause)})`, { cause }),
      ),
    );
    child.once("close", (code, signal) => {
      if (code === 0) return resolve();
      reject(
        new TrafficError("IO_FAILED", `${editor} ended with ${code ?? signal}: nothing was changed`, {
          hint: "set EDITOR to the editor that you use",
        }),
      );
    });
  });
}
