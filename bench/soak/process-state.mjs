// What a process holds, from /proc: resident memory and open descriptors by kind.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * @param {number} pid
 * @returns {number} MiB
 */
export function residentMemory(pid) {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

/**
 * @typedef {{ sockets: number, files: number, other: number }} Descriptors
 * @param {number} pid
 * @returns {Descriptors}
 */
export function descriptors(pid) {
  const count = { sockets: 0, files: 0, other: 0 };
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    const kind = kindOf(`/proc/${pid}/fd/${name}`);
    if (kind !== undefined) count[kind]++;
  }
  return count;
}

/**
 * @param {string} link
 * @returns {keyof Descriptors | undefined} undefined for one that was closed meanwhile
 */
function kindOf(link) {
  try {
    const target = readlinkSync(link);
    if (target.startsWith("socket:")) return "sockets";
    return target.startsWith("/") && !target.startsWith("/dev/") ? "files" : "other";
  } catch {
    return undefined;
  }
}

const TCP_STATES = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
];

/**
 * @param {number} pid
 * @returns {string[]} its TCP connections over IPv4: `local port > remote port STATE, bytes unsent/unread`
 */
export function connections(pid) {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((name) => inodeOf(`/proc/${pid}/fd/${name}`)));
  const found = [];
  for (const line of readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1)) {
    const [, local = "", remote = "", state = "", queues = "", , , , , inode] = line.trim().split(/\s+/);
    const name = TCP_STATES[Number.parseInt(state, 16)];
    if (inode === undefined || !own.has(inode) || name === undefined) continue;
    const port = (/** @type {string} */ text) => Number.parseInt(text.slice(text.indexOf(":") + 1), 16);
    const [unsent = "", unread = ""] = queues.split(":");
    found.push(
      `${port(local)} > ${port(remote)} ${name}, ${Number.parseInt(unsent, 16)}/${Number.parseInt(unread, 16)}`,
    );
  }
  return found;
}

/** @param {string} link */
function inodeOf(link) {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
  } catch {
    return undefined;
  }
}
