// Long text on a terminal goes through the person's pager, as git does it: `less` that ends by itself when everything
// fits, keeps colours and leaves the screen as it was.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { systemCode } from "../errors.js";
import { writeOut } from "./output.js";

export interface PagerOptions {
  readonly env: NodeJS.ProcessEnv;
  /** False with `--no-pager`. */
  readonly wanted: boolean;
}

/** Shows text on stdout: through the pager on a terminal, directly everywhere else. */
export async function page(text: string, { env, wanted }: PagerOptions): Promise<void> {
  const command = pagerCommand(env);
  const rows = process.stdout.rows ?? 0;
  const fits = text.split("\n", rows + 1).length <= rows;
  if (
    !wanted ||
    !process.stdout.isTTY ||
    fits ||
    command === undefined ||
    !(await ranPager(command, text, env))
  )
    await writeOut(text);
}

/** @returns undefined where the person wants none: an empty variable, or `cat`. */
function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const command = env.TRAFFICCTL_PAGER ?? env.PAGER ?? (process.platform === "win32" ? "more" : "less");
  return command.trim() === "" || command.trim() === "cat" ? undefined : command;
}

/** @returns false where there is no such program. */
async function ranPager(command: string, text: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  // PAGER is a command line for the shell by convention (POSIX man).
  const child = spawn(command, {
    shell: true,
    stdio: ["pipe", "inherit", "pipe"],
    env: { ...env, LESS: env.LESS ?? "FRX", LV: env.LV ?? "-c" },
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    complaint += part;
  });
  // A pager that is left before its end closes the pipe.
  child.stdin.on("error", () => {});
  child.stdin.end(text);
  const onInterrupt = (): void => {};
  // Ctrl-C is the pager's, which shares the terminal.
  process.on("SIGINT", onInterrupt);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code === 127) return false;
    if (complaint !== "") process.stderr.write(complaint);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
