// What `trafficctl rules test` found out, as text and as JSON.
import type { TestedRules } from "../operations/rules/test-rules.js";
import { printable } from "./printable.js";
import { testedMessagesText } from "./rule-messages-text.js";
import type { TextOptions } from "./text-options.js";
import { formatDuration, formatSize } from "./units.js";

type Report = TestedRules["rules"][number];
type Check = Report["checks"][number];

export function testedText(tested: TestedRules, options: TextOptions): string {
  const { colours } = options;
  const { request, rules, winner, nearestMiss, effect, messages } = tested;
  const lines = [`${colours.bold(printable(request.method))} ${printable(request.url)}`, ""];
  for (const rule of rules) lines.push(...ruleLines(rule, options));
  lines.push("");
  if (tested.acting.length === 0) {
    lines.push("no rule acts: it passes as it is");
    if (nearestMiss !== undefined) {
      const failed = nearestMiss.failed.map(
        ({ text, saw }) => `${text}${saw === undefined ? "" : `, saw ${saw}`}`,
      );
      lines.push(
        `nearest miss: ${colours.bold(printable(nearestMiss.name))} (${failed.map(printable).join("; ")})`,
      );
    }
    return `${lines.join("\n")}\n`;
  }
  lines.push(
    winner === undefined ? "it goes to the origin" : `decided by ${colours.bold(printable(winner))}`,
  );
  lines.push(...effectLines(effect));
  if (messages !== undefined) lines.push(...testedMessagesText(messages, options));
  return `${lines.join("\n")}\n`;
}

function ruleLines(rule: Report, { colours }: TextOptions): string[] {
  const verdict = {
    acts: colours.green("acts"),
    "no-match": colours.dim("does not match"),
    "not-eligible": colours.yellow(`matches, but ${barrierText(rule)}`),
    "not-reached": colours.yellow("matches, but a rule before it decides"),
    undecided: colours.yellow("can't be told: it asks for what is not known here"),
  }[rule.outcome];
  const head = `${colours.bold(printable(rule.name))} (priority ${rule.priority}): ${verdict}`;
  const problem = rule.problem === undefined ? [] : [`    ${colours.red(printable(rule.problem))}`];
  return [head, ...rule.checks.flatMap((check) => checkLines(check, 1)), ...problem];

  function checkLines(check: Check, depth: number): string[] {
    const mark =
      check.verdict === undefined
        ? colours.yellow("?")
        : check.verdict
          ? colours.green("✓")
          : colours.red("✗");
    const saw = check.saw === undefined ? "" : colours.dim(`  saw ${printable(check.saw)}`);
    const line = `${"  ".repeat(depth)}${mark} ${printable(check.text)}${saw}`;
    return [line, ...(check.parts ?? []).flatMap((part) => checkLines(part, depth + 1))];
  }
}

function barrierText({ barrier }: Report): string {
  switch (barrier?.kind) {
    case "disabled":
      return "it is disabled";
    case "used-up":
      return `it has acted ${barrier.times} times, as often as it may`;
    case "chance":
      return `chance is against it (probability ${barrier.probability})`;
    case undefined:
      return "it does not act";
  }
}

function effectLines({ request, response, abort, delayMs, ...rest }: TestedRules["effect"]): string[] {
  const lines: string[] = [];
  if (abort !== undefined) lines.push(`  the connection is ended: ${abort}`);
  if (request !== undefined) lines.push(...messageLines("request", request));
  if (response !== undefined) lines.push(...messageLines("response", response));
  if (delayMs > 0) lines.push(`  it is delayed by ${formatDuration(delayMs)}`);
  if (rest.pauses.length > 0) lines.push(`  it is held at its ${rest.pauses.join(" and its ")}`);
  if (rest.tags.length > 0) lines.push(`  tags: ${rest.tags.map(printable).join(", ")}`);
  if (!rest.recorded) lines.push("  it is not recorded");
  for (const note of rest.notes) lines.push(`  note: ${printable(note)}`);
  return lines;
}

type Body = NonNullable<TestedRules["effect"]["response"]>["body"];

interface Changed {
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Body;
}

function messageLines(
  what: "request" | "response",
  { method, url, status, reason, headers, body }: Changed,
): string[] {
  const start = [method, url, status === undefined ? undefined : `${status} ${reason ?? ""}`.trim()];
  const parts = [
    ...start.filter((part) => part !== undefined),
    ...(headers ?? []).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`body of ${formatSize(Buffer.isBuffer(body) ? body.length : body.size)}`]),
  ];
  return parts.length === 0 ? [] : [`  the ${what}:`, ...parts.map((part) => `    ${printable(part)}`)];
}

/** Bodies in base64; a file that is served by its path and size. */
export function testedJson({ effect, ...tested }: TestedRules): object {
  const { request, response } = effect;
  return {
    ...tested,
    winner: tested.winner ?? null,
    nearestMiss: tested.nearestMiss ?? null,
    effect: {
      ...effect,
      abort: effect.abort ?? null,
      request: request === undefined ? null : { ...request, ...bodyJson(request.body) },
      response: response === undefined ? null : { ...response, ...bodyJson(response.body) },
    },
  };
}

function bodyJson(body: Body): object {
  if (body === undefined) return {};
  if (Buffer.isBuffer(body)) return { body: { base64: body.toString("base64"), size: body.length } };
  return { body: { file: body.path, size: body.size } };
}
