// What `trafficctl sessions` shows people.
import type {
  DeletedSession,
  RecoveredSession,
  SessionDetails,
  SessionInfo,
} from "../operations/sessions.js";
import { dayAndTime } from "./local-time.js";
import { plural } from "./plural.js";
import type { Colours } from "./print.js";
import { renderTable } from "./table.js";
import type { TextOptions } from "./text-options.js";
import { formatDuration, formatSize } from "./units.js";

/** One line a session. */
export function describeSessions(sessions: readonly SessionInfo[], { colours, width }: TextOptions): string {
  if (sessions.length === 0) return "no sessions yet: `trafficctl record` makes one\n";
  return renderTable(
    sessions,
    [
      { title: "SESSION", value: (session) => session.id, minWidth: 12 },
      {
        title: "STATE",
        value: (session) => session.state,
        paint: (text, { state }) => paintState(text, state, colours),
      },
      { title: "STARTED", value: (session) => dayAndTime(session.createdAt), minWidth: 16 },
      { title: "LASTED", value: lasted, align: "right" },
      { title: "EXCHANGES", value: (session) => String(session.counts.exchanges), align: "right" },
      {
        title: "ERRORS",
        value: (session) => String(session.counts.errors),
        align: "right",
        paint: (text, { counts }) => (counts.errors > 0 ? colours.red(text) : text),
      },
      { title: "SIZE", value: (session) => formatSize(session.counts.bytes), align: "right" },
      { title: "NOTE", value: note, minWidth: 4, paint: (text) => colours.yellow(text) },
    ],
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

/** All that is known of one session. */
export function describeSession(session: SessionDetails, { colours }: TextOptions): string {
  const { manifest, counts } = session;
  const facts: [string, string][] = [
    ["session", colours.bold(session.id)],
    ["path", session.path],
    ["state", paintState(session.state, session.state, colours)],
    ["started", dayAndTime(session.createdAt)],
    ["lasted", lasted(session)],
    ["exchanges", `${counts.exchanges}, ${counts.errors} with an error`],
    ["messages", String(counts.messages)],
    ["on disk", formatSize(session.diskBytes)],
    ["dropped", String(counts.dropped)],
  ];
  for (const [reason, count] of Object.entries(manifest?.drops ?? {}))
    facts.push([`  ${reason}`, String(count)]);
  if (manifest?.stop !== undefined) {
    facts.push(["recording ended", `${dayAndTime(manifest.stop.time)}: ${manifest.stop.message}`]);
  }
  if (session.state === "crashed") {
    facts.push([
      "torn",
      `${session.tornBytes} bytes; trafficctl sessions recover ${session.id} completes it`,
    ]);
  }
  if (manifest?.recovered !== undefined) {
    facts.push(["recovered", dayAndTime(manifest.recovered.time)]);
  }
  if (session.problem !== undefined) facts.push(["problem", colours.red(session.problem)]);
  if (manifest !== undefined) {
    facts.push(["version", manifest.version]);
    const options = JSON.stringify(manifest.options);
    if (options !== "{}") facts.push(["options", options]);
  }
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${colours.dim(name.padEnd(width))}  ${value}\n`).join("");
}

export function describeDeletion(deleted: DeletedSession): string {
  const left =
    deleted.left.length === 0 ? "" : `; not part of it, and still there: ${deleted.left.join(", ")}`;
  return `deleted ${deleted.id}, ${formatSize(deleted.freedBytes)}${left}\n`;
}

export function describeRecovery(recovered: RecoveredSession, { colours }: TextOptions): string {
  const { counts } = recovered.manifest;
  const lines = [
    recovered.changed ? `recovered ${recovered.id}` : `${recovered.id} is whole, nothing to recover`,
    `${plural(counts.exchanges, "exchange")}, ${plural(counts.messages, "message")}, ${formatSize(counts.bytes)}`,
  ];
  if (recovered.tornBytes > 0) lines.push(`cut off ${recovered.tornBytes} bytes of an unfinished last line`);
  if (recovered.completed > 0) {
    lines.push(
      `${plural(recovered.completed, "exchange")} under way when it crashed: ended with error recorder-died`,
    );
  }
  if (recovered.orphans.length > 0) {
    const first = recovered.orphans.slice(0, 5).join(", ");
    const more = recovered.orphans.length > 5 ? ` and ${recovered.orphans.length - 5} more` : "";
    lines.push(`kept body files that no exchange refers to: ${first}${more}`);
  }
  if (recovered.damaged > 0) {
    const named = recovered.damagedLines.slice(0, 10).join(", ");
    lines.push(colours.red(`${plural(recovered.damaged, "damaged line")} left in place: ${named}`));
  }
  return `${lines.join("\n")}\n`;
}

function paintState(text: string, state: SessionInfo["state"], colours: Colours): string {
  if (state === "recording") return colours.green(text);
  return state === "crashed" ? colours.red(text) : text;
}

function note({ manifest, problem, state }: SessionInfo): string {
  if (manifest?.stop !== undefined) return manifest.stop.reason;
  if (manifest?.recovered !== undefined) return "recovered";
  return problem !== undefined && state !== "recording" ? "no manifest" : "";
}

function lasted({ createdAt, endedAt, state }: SessionInfo): string {
  const end = endedAt !== null ? Date.parse(endedAt) : state === "recording" ? Date.now() : Number.NaN;
  const length = end - Date.parse(createdAt);
  return Number.isNaN(length) ? "-" : formatDuration(Math.max(0, length));
}
