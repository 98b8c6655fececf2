// Tells a live recorder from a reused process id: a pid alone comes back after a reboot or some days.
import { readFile } from "node:fs/promises";
import { systemCode } from "../errors.js";

/** `start` names this very run of the process; null where the platform does not tell. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string | null;
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, start: await processStart(process.pid) };
}

/** @returns whether that very process runs. Where the platform tells no start, any process with its pid counts. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (!exists(identity.pid)) return false;
  if (identity.start === null) return true;
  const start = await processStart(identity.pid);
  return start === null || start === identity.start;
}

/** Boot id and start time in clock ticks (proc(5), /proc/[pid]/stat field 22). Linux only, else null. */
async function processStart(pid: number): Promise<string | null> {
  if (process.platform !== "linux") return null;
  try {
    const [boot, stat] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, ticks] = [fields[0], fields[19]];
    if (ticks === undefined) return null;
    return state === "Z" ? `${boot.trim()}:dead` : `${boot.trim()}:${ticks}`;
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return systemCode(error) === "EPERM";
  }
}
