// A diff as JUnit XML: each endpoint a test case, failed where --fail-on says so.
import type { Diff, EndpointDifference } from "../operations/diff.js";
import { linesOf } from "./diff-lines.js";

export function diffJunit(diff: Diff): string {
  const failures = new Map<string, string[]>();
  for (const { method, endpoint, kind, message } of diff.failures) {
    const key = `${method} ${endpoint}`;
    failures.set(key, [...(failures.get(key) ?? []), `${kind}: ${message}`]);
  }
  const cases = diff.endpoints.map((each) => testCase(each, failures.get(`${each.method} ${each.endpoint}`)));
  const counts = `tests="${diff.endpoints.length}" failures="${failures.size}" errors="0"`;
  const name = attribute(`${diff.before.sessions.join(", ")} to ${diff.after.sessions.join(", ")}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="trafficctl diff" ${counts}>`,
    `  <testsuite name="${name}" ${counts} skipped="0">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(each: EndpointDifference, failures: readonly string[] | undefined): string {
  const name = attribute(`${each.method} ${each.endpoint}`);
  const seconds = ((each.after?.p50 ?? 0) / 1000).toFixed(3);
  const open = `    <testcase classname="trafficctl.diff" name="${name}" time="${seconds}"`;
  const lines = each.change === "same" ? [] : linesOf(each).map(({ sign, text }) => `${sign} ${text}`);
  if (failures !== undefined) {
    const failure = `<failure message="${attribute(failures.join("; "))}">${content(lines.join("\n"))}</failure>`;
    return `${open}>\n      ${failure}\n    </testcase>`;
  }
  if (lines.length === 0) return `${open}/>`;
  return `${open}>\n      <system-out>${content(lines.join("\n"))}</system-out>\n    </testcase>`;
}

function attribute(text: string): string {
  return content(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}

/** XML 1.0 has no control characters, not even escaped (section 2.2), and no half of a surrogate pair. */
const NOT_IN_XML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udfff]/gu;

function content(text: string): string {
  return text
    .replace(NOT_IN_XML, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
