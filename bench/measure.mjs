// What a process costs, read from /proc (Linux): CPU time and memory of it and of its descendants.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/**
 * CPU seconds, user and system, all threads, of a process and of its descendants, ended ones that were waited for
 * included. The kernel counts in ticks, mostly of 10 ms: a window must be long against that.
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  let ticks = 0;
  for (const member of family(pid)) {
    // The command's name is in parentheses and may hold spaces; utime is the 12th field after it (proc(5)).
    const stat = readFileSync(`/proc/${member}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks / TICKS_PER_SECOND;
}

/**
 * @param {number} pid
 * @returns {number} bytes of resident memory at their highest so far
 */
export const peakMemory = (pid) => memory(pid, "VmHWM");

/**
 * @param {number} pid
 * @returns {number} bytes of resident memory now
 */
export const residentMemory = (pid) => memory(pid, "VmRSS");

/**
 * @param {number} pid
 * @param {"VmHWM" | "VmRSS"} field
 */
function memory(pid, field) {
  let total = 0;
  for (const member of family(pid)) {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(
      readFileSync(`/proc/${member}/status`, "utf8"),
    );
    total += Number(match?.[1] ?? 0) * 1024;
  }
  return total;
}

/**
 * Waits until a process has used at most one tick in a third of a second: what it still had to write after the
 * last answer belongs to the window.
 * @param {number} pid
 */
export async function settle(pid) {
  const deadline = performance.now() + 15_000;
  let before = cpuSeconds(pid);
  while (performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 330));
    const now = cpuSeconds(pid);
    if (now - before <= 1.5 / TICKS_PER_SECOND) return;
    before = now;
  }
}

/**
 * @param {number} pid
 * @returns {number[]} the process and its descendants
 */
function family(pid) {
  const members = [pid];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ")) {
      if (child !== "") members.push(...family(Number(child)));
    }
  }
  return members;
}
